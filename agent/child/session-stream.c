/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/session-private.h"

#define GET_STREAM 0 /* of event ids; the others are numbers of requests */

void
bfy_session_drop_stream (BfySession *self)
{
  if (self->stream_request == NULL)
    return;

  g_signal_handler_disconnect (bfy_request_get_gone (self->stream_request), self->gone_id);
  if (!bfy_request_is_over (self->stream_request))
    bfy_sender_end (self->stream);
  g_clear_pointer (&self->stream, bfy_sender_free);
  g_clear_pointer (&self->stream_request, bfy_request_unref);
}

void
bfy_session_send_on_stream (const char *json, gsize length, gpointer user_data)
{
  BfySession *self = user_data;
  g_autofree char *id = bfy_replay_add (self->replay, GET_STREAM, json, length);

  bfy_sender_event (self->stream, id, json, length);
}

static void
on_stream_gone (GCancellable *gone, gpointer user_data)
{
  bfy_session_drop_stream (user_data);
}

static void
replay_event (const char *id, const char *json, gsize length, gpointer user_data)
{
  bfy_sender_event (user_data, id, json, length);
}

static BfyDetached *
find_detached (BfySession *self, guint64 number)
{
  for (guint i = 0; i < self->detached->len; i++)
    {
      BfyDetached *detached = g_ptr_array_index (self->detached, i);

      if (detached->waiter.number == number)
        return detached;
    }

  return NULL;
}

/* The rest of the stream of a request. */
static void
resume_request (BfySession *self, BfyRequest *request, guint64 stream, guint64 number)
{
  g_autoptr (BfySender) sender = bfy_sender_new (request, self->id);
  BfyDetached *detached = find_detached (self, stream);

  bfy_replay_foreach_after (self->replay, stream, number, replay_event, sender);
  if (detached != NULL)
    bfy_detached_attach (detached, request, g_steal_pointer (&sender));
  else
    bfy_sender_end (sender);
}

static void
begin_stream (BfySession *self, BfyRequest *request)
{
  self->stream_request = bfy_request_ref (request);
  self->stream = bfy_sender_new (request, self->id);
  self->gone_id = g_signal_connect (bfy_request_get_gone (request), "cancelled",
                                    G_CALLBACK (on_stream_gone), self);
}

gboolean
bfy_session_listen (BfySession *self, BfyRequest *request, const char *last_event_id)
{
  guint64 stream = GET_STREAM, number = G_MAXUINT64;

  if (last_event_id != NULL && !bfy_replay_parse_id (last_event_id, &stream, &number))
    last_event_id = NULL;
  self->used_us = g_get_monotonic_time ();
  if (last_event_id != NULL && stream != GET_STREAM)
    {
      resume_request (self, request, stream, number);
      return TRUE;
    }
  if (last_event_id == NULL && self->stream != NULL)
    return FALSE;

  bfy_session_drop_stream (self);
  begin_stream (self, request);
  bfy_replay_foreach_after (self->replay, GET_STREAM, number, replay_event, self->stream);
  bfy_backlog_send (self->backlog, bfy_session_send_on_stream, self);

  return TRUE;
}
