/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/post-private.h"
#include "agent/proxy/sessions.h"

#define CODE_BAD_REQUEST (-32000)
#define CODE_UNSUPPORTED_VERSION (-32022)

BfyPost *
bfy_post_ref (BfyPost *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_post_unref (BfyPost *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->sender, bfy_sender_free);
  g_clear_pointer (&self->event, bfy_event_free);
  g_clear_pointer (&self->error_response, g_bytes_unref);
  bfy_rpc_free (self->rpc);
  bfy_binding_unref (self->binding);
  bfy_request_unref (self->request);
  g_free (self->new_session_id);
  g_free (self);
}

const BfyRpcMessage *
bfy_post_message (const BfyPost *self)
{
  return bfy_rpc_message (self->rpc, 0);
}

const char *
bfy_post_owner (BfyRequest *request)
{
  BfyClient *client = bfy_request_get_client (request);

  return client != NULL ? client->id : NULL;
}

static void
note_success (BfyPost *self)
{
  if (bfy_request_is_agents_own (self->request))
    return;
  bfy_registry_touch (self->agent->registry, self->binding->id, bfy_post_owner (self->request),
                      bfy_agent_now_s ());
}

/* A legacy client has met a server that knows no initialize: the versions are what it needs to be
 * told (mcp.md A.9). From them agent/era learns whom it has to speak to instead. */
static void
on_versions (BfyLocal *local, BfyLocalEra era, const GError *error, gpointer user_data)
{
  g_autoptr (BfyPost) self = user_data;
  gsize length;
  const char *response = g_bytes_get_data (self->error_response, &length);
  g_autofree char *text = NULL;
  g_autofree char *data = NULL;

  if (self->is_over)
    return;
  if (era != BFY_LOCAL_MODERN || self->sender != NULL)
    {
      bfy_post_answer (self, 200, response, length);
      bfy_post_finish (self, BFY_N_ERRORS);
      return;
    }

  data =
      g_strdup_printf ("{\"supported\":%s,\"origin\":\"agent\"}", bfy_local_get_versions (local));
  text =
      g_strdup_printf ("The program behind “%s” has no initialize: it speaks MCP %s, this client "
                       "an older version",
                       self->binding->name, bfy_local_get_versions (local));
  self->event->status = 400;
  bfy_post_refuse (self->request, 400, bfy_post_message (self)->id, CODE_UNSUPPORTED_VERSION, text,
                   data);
  bfy_post_finish (self, BFY_ERROR_UNSUPPORTED);
}

/* The session that could not be made is of no use. */
static void
end_failed_session (BfyPost *self)
{
  BfySession *session = self->session;

  self->session = NULL;
  g_clear_pointer (&self->new_session_id, g_free);
  if (session != NULL)
    bfy_local_end_session (self->local, session);
}

static void
on_response (BfyWaiter *waiter, const BfyMuxMessage *message)
{
  BfyPost *self = (BfyPost *) waiter;

  if (self->kind == BFY_POST_INITIALIZE && message->is_error)
    {
      self->error_response = g_bytes_new (message->text, message->length);
      end_failed_session (self);
      bfy_local_find_era (self->local, on_versions, bfy_post_ref (self));
      return;
    }

  note_success (self);
  if (self->kind == BFY_POST_MODERN && g_str_equal (bfy_post_message (self)->method, "tools/list"))
    bfy_local_learn_tools (self->local, message->text, message->length);
  bfy_post_answer (self, bfy_post_status (self, message), message->text, message->length);
  bfy_post_finish (self, BFY_N_ERRORS);
}

static void
on_failed (BfyWaiter *waiter, const char *reason)
{
  BfyPost *self = (BfyPost *) waiter;
  g_autoptr (GError) locked = NULL;
  g_autofree char *text =
      g_strdup_printf ("The program behind “%s” %s; bindify log %s --stderr shows what it said",
                       self->binding->name, reason, self->binding->name);

  self->session = NULL;
  if (bfy_credentials_check_unlocked (self->agent->credentials, &locked))
    bfy_post_fail (self, BFY_ERROR_UPSTREAM_FAILED, text);
  else
    bfy_post_fail_with (self, locked);
}

/* A client may come back for a call, if it was given an event to come back to; whatever else it has
 * asked for it asks for again. */
static gboolean
may_come_back (const BfyPost *self)
{
  return self->kind == BFY_POST_LEGACY && self->sender != NULL &&
         g_str_equal (bfy_post_message (self)->method, "tools/call");
}

/* Only in the modern era does a client that goes call its request off (mcp.md A.1); a person who
 * takes a permission back always does. A handshake without a client leads nowhere. */
static void
on_gone (GCancellable *gone, gpointer user_data)
{
  BfyPost *self = user_data;
  BfyErrorCode code = bfy_request_get_end_code (self->request);
  gboolean is_called_off = self->kind == BFY_POST_MODERN || code != BFY_ERROR_CANCELLED;

  if (self->session != NULL && !is_called_off && may_come_back (self))
    bfy_session_detach (self->session, &self->waiter);
  else if (self->session != NULL)
    bfy_session_forget (self->session, &self->waiter, is_called_off);
  if (self->kind == BFY_POST_INITIALIZE)
    end_failed_session (self);
  bfy_post_finish (self, code);
}

static void
send_up (BfyPost *self, BfySession *session)
{
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (self->request), &length);
  gint64 patience_ms = bfy_agent_limits (self->agent, self->binding).response_timeout_ms / 2;

  self->session = session;
  if (!bfy_session_request (session, &self->waiter, text, length))
    {
      self->session = NULL;
      bfy_post_fail (self, BFY_ERROR_RATE_LIMITED,
                     "The program has more requests to answer than it may");
      return;
    }
  bfy_post_set_patience (self, patience_ms);
}

static void
on_era (BfyLocal *local, BfyLocalEra era, const GError *error, gpointer user_data)
{
  g_autoptr (BfyPost) self = user_data;
  g_autoptr (GError) local_error = NULL;
  BfySession *session;

  if (self->is_over)
    return;
  /* What a lock has ended on the way has no era. */
  if (error == NULL)
    bfy_credentials_check_unlocked (self->agent->credentials, &local_error);
  if (error != NULL || local_error != NULL)
    {
      bfy_post_fail_with (self, error != NULL ? error : local_error);
      return;
    }
  if (era != BFY_LOCAL_MODERN)
    {
      /* What a legacy server says to it; clients of both eras then fall back (mcp.md A.9). */
      self->event->status = 400;
      bfy_post_refuse (self->request, 400, NULL, CODE_BAD_REQUEST,
                       "Bad Request: Server not initialized", NULL);
      bfy_post_finish (self, BFY_ERROR_UNSUPPORTED);
      return;
    }

  session = bfy_local_get_shared (local, &local_error);
  if (session == NULL)
    bfy_post_fail_with (self, local_error);
  else
    send_up (self, session);
}

static void
start (BfyPost *self)
{
  g_autoptr (GError) error = NULL;
  BfySession *session;

  if (self->kind == BFY_POST_MODERN)
    {
      bfy_local_find_era (self->local, on_era, bfy_post_ref (self));
      return;
    }

  session = bfy_local_begin_session (self->local, bfy_post_owner (self->request), &error);
  if (session == NULL)
    {
      bfy_post_fail_with (self, error);
      return;
    }
  self->new_session_id = g_strdup (bfy_session_get_id (session));
  bfy_sessions_remember (self->agent->sessions, self->binding->id, bfy_post_owner (self->request),
                         self->new_session_id);
  send_up (self, session);
}

static void
on_credential (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyPost) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_loaded = bfy_unlocker_load_finish (BFY_UNLOCKER (source), result, &error);
  BfyBinding *current = bfy_registry_find_by_id (self->agent->registry, self->binding->id);

  if (self->is_over)
    return;
  /* Much may have happened meanwhile. */
  if (current == NULL)
    bfy_post_fail (self, BFY_ERROR_NOT_FOUND, "This binding has been removed");
  else if (current->state == BFY_STATE_PAUSED)
    bfy_post_fail (self, BFY_ERROR_PAUSED, "This binding has been paused");
  else if (is_loaded)
    start (self);
  else
    bfy_post_fail_with (self, error);
}

/* What the event says from the start on. */
static BfyEvent *
new_event (const BfyPost *self)
{
  const BfyRpcMessage *message = bfy_post_message (self);
  BfyEvent *event = bfy_agent_new_event ("proxy_request", self->binding, self->request);

  event->method = g_strdup (message->method);
  event->tool = g_strdup (message->name != NULL ? message->name : message->uri);
  event->bytes_up = (gint64) g_bytes_get_size (bfy_request_get_body (self->request));

  return event;
}

void
bfy_post_begin (
    BfyLocal *local, BfyRequest *request, BfyPostKind kind, BfySession *session, BfyRpc *rpc)
{
  BfyPost *self = g_new0 (BfyPost, 1);
  BfyCredentials *credentials = bfy_local_get_agent (local)->credentials;

  g_atomic_ref_count_init (&self->ref_count);
  self->agent = bfy_local_get_agent (local);
  self->waiter.related = bfy_post_relate;
  self->waiter.response = on_response;
  self->waiter.failed = on_failed;
  self->local = local;
  self->request = bfy_request_ref (request);
  self->binding = bfy_binding_ref (bfy_local_get_binding (local));
  self->rpc = rpc;
  self->kind = kind;
  self->begun_us = g_get_monotonic_time ();
  self->event = new_event (self);
  self->gone_id =
      g_signal_connect (bfy_request_get_gone (request), "cancelled", G_CALLBACK (on_gone), self);

  if (session != NULL)
    send_up (self, session);
  else if (self->binding->program->delivery == BFY_DELIVER_NOTHING ||
           bfy_credentials_peek (credentials, self->binding) != NULL)
    start (self);
  else
    bfy_unlocker_load_async (self->agent->unlocker, credentials, self->binding,
                             !bfy_request_is_quiet (request), bfy_request_get_gone (request),
                             on_credential, bfy_post_ref (self));
}
