/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/detached.h"

#include "agent/child/sender.h"

static void
drop_client (BfyDetached *self)
{
  if (self->request == NULL)
    return;

  g_signal_handler_disconnect (bfy_request_get_gone (self->request), self->gone_id);
  g_clear_pointer (&self->sender, bfy_sender_free);
  g_clear_pointer (&self->request, bfy_request_unref);
}

static void
take (BfyDetached *self, const char *json, gsize length)
{
  g_autofree char *id = bfy_replay_add (self->replay, self->waiter.number, json, length);

  if (self->sender != NULL)
    bfy_sender_event (self->sender, id, json, length);
}

static void
on_related (BfyWaiter *waiter, const char *json, gsize length)
{
  take ((BfyDetached *) waiter, json, length);
}

static void
on_response (BfyWaiter *waiter, const BfyMuxMessage *message)
{
  BfyDetached *self = (BfyDetached *) waiter;

  take (self, message->text, message->length);
  if (self->sender != NULL)
    bfy_sender_end (self->sender);
  self->ended (self, self->user_data);
}

/* The session has ended, and with it all that could be said. */
static void
on_failed (BfyWaiter *waiter, const char *reason)
{
  BfyDetached *self = (BfyDetached *) waiter;

  self->ended (self, self->user_data);
}

BfyDetached *
bfy_detached_new (BfyReplay *replay,
                  guint64 number,
                  void (*ended) (BfyDetached *self, gpointer user_data),
                  gpointer user_data)
{
  BfyDetached *self = g_new0 (BfyDetached, 1);

  self->waiter.related = on_related;
  self->waiter.response = on_response;
  self->waiter.failed = on_failed;
  self->waiter.number = number;
  self->replay = replay;
  self->ended = ended;
  self->user_data = user_data;

  return self;
}

void
bfy_detached_free (BfyDetached *self)
{
  if (self == NULL)
    return;

  drop_client (self);
  g_free (self);
}

static void
on_gone (GCancellable *gone, gpointer user_data)
{
  drop_client (user_data);
}

void
bfy_detached_attach (BfyDetached *self, BfyRequest *request, BfySender *sender)
{
  drop_client (self);
  self->request = bfy_request_ref (request);
  self->sender = sender;
  self->gone_id =
      g_signal_connect (bfy_request_get_gone (request), "cancelled", G_CALLBACK (on_gone), self);
}
