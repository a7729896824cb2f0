/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/post-private.h"
#include "agent/child/version.h"
#include "agent/proxy/quota-gate.h"
#include "agent/proxy/refusal.h"
#include "protocol/json.h"

#define CODE_HEADER_MISMATCH (-32020)
#define CODE_UNSUPPORTED_VERSION (-32022)
#define CODE_METHOD_NOT_FOUND (-32601)

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
drop_patience (BfyPost *self)
{
  if (self->patience != NULL)
    g_source_destroy (self->patience);
  g_clear_pointer (&self->patience, g_source_unref);
}

static void
record (BfyPost *self, BfyErrorCode code)
{
  BfyEvent *event = g_steal_pointer (&self->event);

  event->duration_ms = (g_get_monotonic_time () - self->begun_us) / 1000;
  event->category = g_strdup (code == BFY_N_ERRORS ? "success" : bfy_error_to_wire (code));
  if (code == BFY_N_ERRORS)
    event->outcome = BFY_OUTCOME_SUCCESS;
  else
    event->outcome =
        bfy_error_to_data_status (code) == 200 ? BFY_OUTCOME_BLOCKED : BFY_OUTCOME_FAILURE;
  bfy_quota_gate_judge (self->request, event->outcome);
  bfy_store_append_event (self->agent->store, event, event->outcome == BFY_OUTCOME_BLOCKED);
}

/* The end, whatever happened. */
void
bfy_post_finish (BfyPost *self, BfyErrorCode code)
{
  if (self->is_over)
    return;

  self->is_over = TRUE;
  self->session = NULL;
  drop_patience (self);
  g_signal_handler_disconnect (bfy_request_get_gone (self->request), self->gone_id);
  record (self, code);
  bfy_post_unref (self);
}

void
bfy_post_fail (BfyPost *self, BfyErrorCode code, const char *message)
{
  if (self->sender != NULL)
    {
      g_autofree char *body = bfy_rpc_format_error (bfy_post_message (self)->id, code, message);

      bfy_sender_event (self->sender, NULL, body, strlen (body));
      bfy_sender_end (self->sender);
    }
  else
    {
      bfy_refuse (self->request, self->rpc, code, message);
    }
  bfy_post_finish (self, code);
}

void
bfy_post_fail_with (BfyPost *self, const GError *error)
{
  bfy_post_fail (self, bfy_error_code (error), error->message);
}

/* So that a client which loses the connection in the middle of a call can come back. */
static void
prime (BfyPost *self)
{
  const char *version = bfy_request_get_header (self->request, "MCP-Protocol-Version");
  g_autofree char *id = NULL;

  if (self->kind != BFY_POST_LEGACY || !bfy_version_has_priming (version))
    return;
  id = bfy_session_note_event (self->session, &self->waiter, NULL, 0);
  bfy_sender_prime (self->sender, id);
}

static void
begin_stream (BfyPost *self)
{
  drop_patience (self);
  if (self->sender != NULL)
    return;
  self->sender = bfy_sender_new (self->request, self->new_session_id);
  prime (self);
}

static void
send_event (BfyPost *self, const char *json, gsize length)
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

void
bfy_post_relate (BfyWaiter *waiter, const char *json, gsize length)
{
  BfyPost *self = (BfyPost *) waiter;

  begin_stream (self);
  self->event->status = 200;
  self->event->bytes_down += (gint64) length;
  send_event (self, json, length);
}

/* In the modern era some errors have a status of their own (mcp.md A.6). */
guint
bfy_post_status (const BfyPost *self, const BfyMuxMessage *message)
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

void
bfy_post_answer (BfyPost *self, guint status, const char *text, gsize length)
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

void
bfy_post_set_patience (BfyPost *self, gint64 patience_ms)
{
  self->patience = g_timeout_source_new ((guint) MIN (patience_ms, BFY_POST_PATIENCE_MS));
  g_source_set_callback (self->patience, on_patience, self, NULL);
  g_source_attach (self->patience, g_main_context_get_thread_default ());
}
