/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/post.h"

#include "agent/child/sender.h"
#include "agent/child/version.h"
#include "agent/proxy/refusal.h"
#include "agent/proxy/sessions.h"
#include "protocol/json.h"

#define CODE_BAD_REQUEST (-32000)
#define CODE_HEADER_MISMATCH (-32020)
#define CODE_UNSUPPORTED_VERSION (-32022)
#define CODE_METHOD_NOT_FOUND (-32601)

typedef struct
{
  BfyWaiter waiter; /* first: the session knows it as that */
  gatomicrefcount ref_count;
  BfyAgent *agent;     /* borrowed */
  BfyLocal *local;     /* borrowed: fails those that wait before it goes */
  BfyRequest *request; /* (owned) */
  BfyBinding *binding; /* (owned) */
  BfyRpc *rpc;         /* (owned) */
  BfyPostKind kind;
  BfySession *session;    /* borrowed, (nullable) while it waits there */
  char *new_session_id;   /* (owned) (nullable) to be told with the answer */
  BfySender *sender;      /* (owned) (nullable) */
  BfyEvent *event;        /* (owned) (nullable) until it is recorded */
  GBytes *error_response; /* (owned) (nullable) while it is found out which versions there are */
  GSource *patience;      /* (owned) (nullable) */
  gulong gone_id;
  gint64 begun_us;
  gboolean is_over;
} Post;

static Post *
post_ref (Post *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
post_unref (Post *self)
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

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Post, post_unref)

static const BfyRpcMessage *
message_of (const Post *self)
{
  return bfy_rpc_message (self->rpc, 0);
}

const char *
bfy_post_owner (BfyRequest *request)
{
  BfyClient *client = bfy_request_get_client (request);

  return client != NULL ? client->id : NULL;
}

void
bfy_post_refuse (BfyRequest *request,
                 guint status,
                 const char *id,
                 int code,
                 const char *message,
                 const char *data)
{
  g_autoptr (GString) body = g_string_new ("{\"jsonrpc\":\"2.0\",\"id\":");

  g_string_append_printf (body, "%s,\"error\":{\"code\":%d,\"message\":", id != NULL ? id : "null",
                          code);
  bfy_json_append_string (body, message, -1);
  if (data != NULL)
    g_string_append_printf (body, ",\"data\":%s", data);
  g_string_append (body, "}}");
  bfy_request_reply (request, status, "application/json", body->str, (gssize) body->len);
}

static void
drop_patience (Post *self)
{
  if (self->patience != NULL)
    g_source_destroy (self->patience);
  g_clear_pointer (&self->patience, g_source_unref);
}

static void
record (Post *self, BfyErrorCode code)
{
  BfyEvent *event = g_steal_pointer (&self->event);

  event->duration_ms = (g_get_monotonic_time () - self->begun_us) / 1000;
  event->category = g_strdup (code == BFY_N_ERRORS ? "success" : bfy_error_to_wire (code));
  if (code == BFY_N_ERRORS)
    event->outcome = BFY_OUTCOME_SUCCESS;
  else
    event->outcome =
        bfy_error_to_data_status (code) == 200 ? BFY_OUTCOME_BLOCKED : BFY_OUTCOME_FAILURE;
  bfy_store_append_event (self->agent->store, event, event->outcome == BFY_OUTCOME_BLOCKED);
}

/* The end, whatever happened. */
static void
finish (Post *self, BfyErrorCode code)
{
  if (self->is_over)
    return;

  self->is_over = TRUE;
  self->session = NULL;
  drop_patience (self);
  g_signal_handler_disconnect (bfy_request_get_gone (self->request), self->gone_id);
  record (self, code);
  post_unref (self);
}

static void
fail (Post *self, BfyErrorCode code, const char *message)
{
  if (self->sender != NULL)
    {
      g_autofree char *body = bfy_rpc_format_error (message_of (self)->id, code, message);

      bfy_sender_event (self->sender, NULL, body, strlen (body));
      bfy_sender_end (self->sender);
    }
  else
    {
      bfy_refuse (self->request, self->rpc, code, message);
    }
  finish (self, code);
}

static void
fail_with (Post *self, const GError *error)
{
  fail (self, bfy_error_code (error), error->message);
}

/* So that a client which loses the connection in the middle of a call can come back. */
static void
prime (Post *self)
{
  const char *version = bfy_request_get_header (self->request, "MCP-Protocol-Version");
  g_autofree char *id = NULL;

  if (self->kind != BFY_POST_LEGACY || !bfy_version_has_priming (version))
    return;
  id = bfy_session_note_event (self->session, &self->waiter, NULL, 0);
  bfy_sender_prime (self->sender, id);
}

static void
begin_stream (Post *self)
{
  drop_patience (self);
  if (self->sender != NULL)
    return;
  self->sender = bfy_sender_new (self->request, self->new_session_id);
  prime (self);
}

static void
send_event (Post *self, const char *json, gsize length)
{
  g_autofree char *id = self->kind == BFY_POST_LEGACY && self->session != NULL
                            ? bfy_session_note_event (self->session, &self->waiter, json, length)
                            : NULL;

  bfy_sender_event (self->sender, id, json, length);
}

static gboolean
on_patience (gpointer user_data)
{
  begin_stream (user_data);

  return G_SOURCE_REMOVE;
}

static void
on_related (BfyWaiter *waiter, const char *json, gsize length)
{
  Post *self = (Post *) waiter;

  begin_stream (self);
  self->event->status = 200;
  self->event->bytes_down += (gint64) length;
  send_event (self, json, length);
}

/* In the modern era some errors have a status of their own (mcp.md A.6). */
static guint
status_of (const Post *self, const BfyMuxMessage *message)
{
  if (!message->is_error || self->kind != BFY_POST_MODERN)
    return 200;
  if (message->error_code == CODE_METHOD_NOT_FOUND)
    return 404;

  return message->error_code <= CODE_HEADER_MISMATCH &&
                 message->error_code >= CODE_UNSUPPORTED_VERSION
             ? 400
             : 200;
}

static void
answer (Post *self, guint status, const char *text, gsize length)
{
  SoupMessageHeaders *headers;
  g_autoptr (GBytes) bytes = NULL;

  self->event->status = status;
  self->event->bytes_down += (gint64) length;
  if (self->sender != NULL)
    {
      send_event (self, text, length);
      bfy_sender_end (self->sender);
      return;
    }

  headers = bfy_request_begin (self->request, status, (goffset) length, FALSE);
  if (headers == NULL)
    return;
  soup_message_headers_replace (headers, "Content-Type", "application/json");
  if (self->new_session_id != NULL)
    soup_message_headers_replace (headers, "Mcp-Session-Id", self->new_session_id);
  bytes = g_bytes_new (text, length);
  bfy_request_write (self->request, bytes, NULL, NULL);
  bfy_request_end (self->request);
}

static void
note_success (Post *self)
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
  g_autoptr (Post) self = user_data;
  gsize length;
  const char *response = g_bytes_get_data (self->error_response, &length);
  g_autofree char *text = NULL;
  g_autofree char *data = NULL;

  if (self->is_over)
    return;
  if (era != BFY_LOCAL_MODERN || self->sender != NULL)
    {
      answer (self, 200, response, length);
      finish (self, BFY_N_ERRORS);
      return;
    }

  data =
      g_strdup_printf ("{\"supported\":%s,\"origin\":\"agent\"}", bfy_local_get_versions (local));
  text =
      g_strdup_printf ("The program behind “%s” has no initialize: it speaks MCP %s, this client "
                       "an older version",
                       self->binding->name, bfy_local_get_versions (local));
  self->event->status = 400;
  bfy_post_refuse (self->request, 400, message_of (self)->id, CODE_UNSUPPORTED_VERSION, text, data);
  finish (self, BFY_ERROR_UNSUPPORTED);
}

/* The session that could not be made is of no use. */
static void
end_failed_session (Post *self)
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
  Post *self = (Post *) waiter;

  if (self->kind == BFY_POST_INITIALIZE && message->is_error)
    {
      self->error_response = g_bytes_new (message->text, message->length);
      end_failed_session (self);
      bfy_local_find_era (self->local, on_versions, post_ref (self));
      return;
    }

  note_success (self);
  if (self->kind == BFY_POST_MODERN && g_str_equal (message_of (self)->method, "tools/list"))
    bfy_local_learn_tools (self->local, message->text, message->length);
  answer (self, status_of (self, message), message->text, message->length);
  finish (self, BFY_N_ERRORS);
}

static void
on_failed (BfyWaiter *waiter, const char *reason)
{
  Post *self = (Post *) waiter;
  g_autoptr (GError) locked = NULL;
  g_autofree char *text =
      g_strdup_printf ("The program behind “%s” %s; bindify log %s --stderr shows what it said",
                       self->binding->name, reason, self->binding->name);

  self->session = NULL;
  if (bfy_credentials_check_unlocked (self->agent->credentials, &locked))
    fail (self, BFY_ERROR_UPSTREAM_FAILED, text);
  else
    fail_with (self, locked);
}

/* A client may come back for a call, if it was given an event to come back to; whatever else it has
 * asked for it asks for again. */
static gboolean
may_come_back (const Post *self)
{
  return self->kind == BFY_POST_LEGACY && self->sender != NULL &&
         g_str_equal (message_of (self)->method, "tools/call");
}

/* Only in the modern era does a client that goes call its request off (mcp.md A.1). A handshake
 * without a client leads nowhere. */
static void
on_gone (GCancellable *gone, gpointer user_data)
{
  Post *self = user_data;

  if (self->session != NULL && may_come_back (self))
    bfy_session_detach (self->session, &self->waiter);
  else if (self->session != NULL)
    bfy_session_forget (self->session, &self->waiter, self->kind == BFY_POST_MODERN);
  if (self->kind == BFY_POST_INITIALIZE)
    end_failed_session (self);
  finish (self, BFY_ERROR_CANCELLED);
}

static void
send_up (Post *self, BfySession *session)
{
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (self->request), &length);
  gint64 patience_ms = bfy_agent_limits (self->agent, self->binding).response_timeout_ms / 2;

  self->session = session;
  if (!bfy_session_request (session, &self->waiter, text, length))
    {
      self->session = NULL;
      fail (self, BFY_ERROR_RATE_LIMITED, "The program has more requests to answer than it may");
      return;
    }
  self->patience = g_timeout_source_new ((guint) MIN (patience_ms, BFY_POST_PATIENCE_MS));
  g_source_set_callback (self->patience, on_patience, self, NULL);
  g_source_attach (self->patience, g_main_context_get_thread_default ());
}

static void
on_era (BfyLocal *local, BfyLocalEra era, const GError *error, gpointer user_data)
{
  g_autoptr (Post) self = user_data;
  g_autoptr (GError) local_error = NULL;
  BfySession *session;

  if (self->is_over)
    return;
  /* What a lock has ended on the way has no era. */
  if (error == NULL)
    bfy_credentials_check_unlocked (self->agent->credentials, &local_error);
  if (error != NULL || local_error != NULL)
    {
      fail_with (self, error != NULL ? error : local_error);
      return;
    }
  if (era != BFY_LOCAL_MODERN)
    {
      /* What a legacy server says to it; clients of both eras then fall back (mcp.md A.9). */
      self->event->status = 400;
      bfy_post_refuse (self->request, 400, NULL, CODE_BAD_REQUEST,
                       "Bad Request: Server not initialized", NULL);
      finish (self, BFY_ERROR_UNSUPPORTED);
      return;
    }

  session = bfy_local_get_shared (local, &local_error);
  if (session == NULL)
    fail_with (self, local_error);
  else
    send_up (self, session);
}

static void
start (Post *self)
{
  g_autoptr (GError) error = NULL;
  BfySession *session;

  if (self->kind == BFY_POST_MODERN)
    {
      bfy_local_find_era (self->local, on_era, post_ref (self));
      return;
    }

  session = bfy_local_begin_session (self->local, bfy_post_owner (self->request), &error);
  if (session == NULL)
    {
      fail_with (self, error);
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
  g_autoptr (Post) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_loaded = bfy_unlocker_load_finish (BFY_UNLOCKER (source), result, &error);
  BfyBinding *current = bfy_registry_find_by_id (self->agent->registry, self->binding->id);

  if (self->is_over)
    return;
  /* Much may have happened meanwhile. */
  if (current == NULL)
    fail (self, BFY_ERROR_NOT_FOUND, "This binding has been removed");
  else if (current->state == BFY_STATE_PAUSED)
    fail (self, BFY_ERROR_PAUSED, "This binding has been paused");
  else if (is_loaded)
    start (self);
  else
    fail_with (self, error);
}

/* What the event says from the start on. */
static BfyEvent *
new_event (const Post *self)
{
  const BfyRpcMessage *message = message_of (self);
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
  Post *self = g_new0 (Post, 1);
  BfyCredentials *credentials = bfy_local_get_agent (local)->credentials;

  g_atomic_ref_count_init (&self->ref_count);
  self->agent = bfy_local_get_agent (local);
  self->waiter.related = on_related;
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
                             on_credential, post_ref (self));
}
