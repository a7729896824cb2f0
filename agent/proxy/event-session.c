/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A stream of the transport of 2024-11-05 is the client's session, so it ends with the right to use
 * the binding: when that is removed, renamed, paused or led elsewhere, when the client is removed,
 * when the agent is locked. Messages are posted to it. */

#include "agent/proxy/condition-gate.h"
#include "agent/proxy/event-stream-private.h"
#include "agent/proxy/refusal.h"
#include "agent/proxy/view.h"

#define UNREAD_BYTES_MAX (1024 * 1024) /* of answers of ours that the client does not read */

void
bfy_event_stream_end_with_error (BfyExchange *self, BfyErrorCode code, const char *message)
{
  g_autofree char *text = NULL;

  if (!bfy_request_has_begun (self->request))
    {
      bfy_exchange_fail (self, code, message);
      return;
    }

  text = bfy_rpc_format_error (NULL, code, message);
  bfy_event_stream_append (self->stream->down, "message", text);
  bfy_event_stream_flush (self);
  bfy_request_end (self->request);
  g_cancellable_cancel (self->cancellable);
  bfy_exchange_finish (self, code);
}

void
bfy_event_stream_end_with (BfyExchange *self, const GError *error)
{
  bfy_event_stream_end_with_error (self, bfy_error_code (error), error->message);
}

/* BFY_N_ERRORS when nothing has changed that matters to who uses it. */
static BfyErrorCode
judge_change (const BfyExchange *self,
              const BfyBinding *old,
              const BfyBinding *now,
              const char **what)
{
  if (now == NULL)
    {
      *what = "removed";
      return BFY_ERROR_NOT_FOUND;
    }
  if (now->state == BFY_STATE_PAUSED)
    {
      *what = "paused";
      return BFY_ERROR_PAUSED;
    }
  if (bfy_refusal_is_logged_out (old, now))
    {
      *what = "logged out of";
      return BFY_ERROR_NEEDS_LOGIN;
    }
  if (!bfy_condition_gate_fits (now, self->request, self->url))
    {
      *what = "limited to others";
      return BFY_ERROR_NOT_FOUND;
    }
  *what = "changed";

  return g_str_equal (now->name, self->binding->name) &&
                 g_strcmp0 (now->url, self->binding->url) == 0
             ? BFY_N_ERRORS
             : BFY_ERROR_SESSION_LOST;
}

/* Lists go by the policy of now. A session's events come one by one, and each may be the first that
 * a new view sees; of any other stream nobody knows where in an event it is, so it is broken off,
 * and clients open another one. */
static void
take_policy (BfyExchange *self, BfyBinding *now)
{
  if (now->policy == self->binding->policy && now->constraints == self->binding->constraints)
    return;
  if (bfy_request_has_begun (self->request) && !bfy_event_stream_is_session (self))
    {
      g_cancellable_cancel (self->cancellable);
      bfy_request_break (self->request);
      bfy_exchange_finish (self, BFY_N_ERRORS);
      return;
    }

  bfy_binding_unref (self->binding);
  self->binding = bfy_binding_ref (now);
  g_clear_pointer (&self->view, bfy_view_free);
  bfy_exchange_make_view (self, bfy_leg_get_response_headers (self->leg));
}

/* Whether streams that are no session may go on is seen to by exchange.c. */
static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  g_autoptr (BfyExchange) self = bfy_exchange_ref (user_data);
  g_autofree char *text = NULL;
  const char *what;
  BfyErrorCode code;

  if (old == NULL || !g_str_equal (old->id, self->binding->id))
    return;
  code = judge_change (self, old, now, &what);
  if (code == BFY_N_ERRORS)
    {
      take_policy (self, now);
      return;
    }
  if (!bfy_event_stream_is_session (self))
    return;

  text = g_strdup_printf ("The binding “%s” has been %s", self->binding->name, what);
  bfy_event_stream_end_with_error (self, code, text);
}

void
bfy_event_stream_watch (BfyExchange *self)
{
  self->stream->changed_id = g_signal_connect (self->agent->registry, "binding-changed",
                                               G_CALLBACK (on_binding_changed), self);
}

static void
on_client_removed (BfyRegistry *registry, const BfyClient *removed, gpointer user_data)
{
  BfyExchange *self = user_data;
  BfyClient *client = bfy_request_get_client (self->request);

  if (client != NULL && g_str_equal (client->id, removed->id))
    bfy_event_stream_end_with_error (self, BFY_ERROR_NOT_FOUND,
                                     "The key of this client has been removed");
}

static void
on_locked (BfyCredentials *credentials, gpointer user_data)
{
  BfyExchange *self = user_data;
  g_autoptr (GError) error = NULL;

  if (self->binding->injection->kind != BFY_INJECT_NONE &&
      !bfy_credentials_check_unlocked (credentials, &error))
    bfy_event_stream_end_with (self, error);
}

static void
deliver (const char *message, gpointer user_data)
{
  BfyExchange *self = user_data;
  BfyEventStream *stream = self->stream;

  bfy_event_stream_append (stream->down, "message", message);
  if (stream->down->len <= UNREAD_BYTES_MAX)
    {
      bfy_event_stream_pump (self);
      return;
    }
  g_cancellable_cancel (self->cancellable);
  bfy_exchange_fail (self, BFY_ERROR_RATE_LIMITED, "");
}

void
bfy_event_stream_open_postbox (BfyExchange *self, BfyPostbox *postbox)
{
  BfyAgent *agent = self->agent;
  BfyEventStream *stream = self->stream;

  stream->postbox = bfy_postbox_ref (postbox);
  bfy_postbox_set_handler (postbox, deliver, self);
  bfy_postbox_set_connection (postbox, bfy_request_get_connection (self->request));
  stream->removed_id =
      g_signal_connect (agent->registry, "client-removed", G_CALLBACK (on_client_removed), self);
  stream->locked_id = g_signal_connect (agent->credentials, "locked", G_CALLBACK (on_locked), self);
}

void
bfy_event_stream_stop (BfyExchange *self)
{
  BfyEventStream *stream = self->stream;

  if (stream == NULL)
    return;
  g_clear_signal_handler (&stream->changed_id, self->agent->registry);
  if (stream->postbox == NULL)
    return;

  bfy_postboxes_close (self->agent->postboxes, stream->postbox);
  g_clear_signal_handler (&stream->removed_id, self->agent->registry);
  g_clear_signal_handler (&stream->locked_id, self->agent->credentials);
}

gboolean
bfy_event_stream_is_session (const BfyExchange *self)
{
  return self->stream != NULL && self->stream->postbox != NULL;
}
