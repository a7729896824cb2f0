/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What ends an exchange from outside: what a person does to its binding or its client, the lock,
 * and a client that goes. */

#include "agent/proxy/condition-gate.h"
#include "agent/proxy/exchange-private.h"
#include "agent/proxy/refusal.h"

/* Nothing more goes up or comes down. */
static void
withdraw (BfyExchange *self, BfyErrorCode code, const char *text)
{
  g_cancellable_cancel (self->cancellable);
  if (self->state == EXCHANGE_ANSWERED)
    bfy_exchange_finish (self, BFY_N_ERRORS);
  else
    bfy_exchange_fail (self, code, text);
}

/* A credential that has gone out is the upstream's; one that has not is taken back. A
 * WebSocket, which goes on for as long as both sides like, ends. */
static void
on_locked (BfyCredentials *credentials, gpointer user_data)
{
  BfyExchange *self = user_data;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->sent, bfy_secret_unref);
  if (self->is_upgraded && !bfy_credentials_check_unlocked (credentials, &error))
    {
      withdraw (self, bfy_error_code (error), error->message);
      return;
    }
  if (self->state != EXCHANGE_SENDING || self->binding->injection->kind == BFY_INJECT_NONE ||
      bfy_leg_was_sent (self->leg) || bfy_credentials_check_unlocked (credentials, &error))
    return;

  g_cancellable_cancel (self->cancellable);
  bfy_exchange_fail_with (self, error);
}

/* A binding that is paused or removed is of no use from that moment on, open streams included. */
static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  g_autoptr (BfyExchange) self = bfy_exchange_ref (user_data);
  g_autofree char *text = NULL;

  if (old == NULL || !g_str_equal (old->id, self->binding->id) ||
      bfy_event_stream_is_session (self))
    return;

  if (now == NULL)
    {
      withdraw (self, BFY_ERROR_NOT_FOUND, "This binding has been removed");
      return;
    }
  if (bfy_refusal_is_logged_out (old, now))
    {
      text = bfy_refusal_format_logged_out (now);
      withdraw (self, BFY_ERROR_NEEDS_LOGIN, text);
      return;
    }
  if (!bfy_condition_gate_fits (now, self->request, self->url))
    {
      withdraw (self, BFY_ERROR_NOT_FOUND, "This binding has been limited to others");
      return;
    }
  if (now->state != BFY_STATE_PAUSED)
    return;
  text = bfy_refusal_format_paused (now);
  withdraw (self, BFY_ERROR_PAUSED, text);
}

static void
on_client_removed (BfyRegistry *registry, BfyClient *removed, gpointer user_data)
{
  g_autoptr (BfyExchange) self = bfy_exchange_ref (user_data);
  BfyClient *client = bfy_request_get_client (self->request);

  if (client != NULL && g_str_equal (client->id, removed->id) &&
      !bfy_event_stream_is_session (self))
    withdraw (self, BFY_ERROR_NOT_FOUND, "The key of this client has been removed");
}

/* While the client has yet to take what has come, nothing is under way that could be cancelled. */
static void
on_gone (GCancellable *gone, gpointer user_data)
{
  g_autoptr (BfyExchange) self = bfy_exchange_ref (user_data);

  if (self->state == EXCHANGE_ANSWERED)
    return;
  g_cancellable_cancel (self->cancellable);
  if (self->state == EXCHANGE_STREAMING && !self->is_reading)
    bfy_exchange_fail (self, BFY_ERROR_CANCELLED, "");
}

void
bfy_exchange_watch (BfyExchange *self)
{
  /* Not g_cancellable_connect(): its handlers must not end what they belong to. */
  self->gone_id = g_signal_connect (bfy_request_get_gone (self->request), "cancelled",
                                    G_CALLBACK (on_gone), self);
  self->locked_id =
      g_signal_connect (self->agent->credentials, "locked", G_CALLBACK (on_locked), self);
  self->changed_id = g_signal_connect (self->agent->registry, "binding-changed",
                                       G_CALLBACK (on_binding_changed), self);
  self->removed_id = g_signal_connect (self->agent->registry, "client-removed",
                                       G_CALLBACK (on_client_removed), self);
}

void
bfy_exchange_unwatch (BfyExchange *self)
{
  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  g_clear_signal_handler (&self->locked_id, self->agent->credentials);
  g_clear_signal_handler (&self->changed_id, self->agent->registry);
  g_clear_signal_handler (&self->removed_id, self->agent->registry);
}
