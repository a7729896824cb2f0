/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/version.h"
#include "agent/era/client-session-private.h"
#include "agent/era/legacy-call.h"

#define CODE_BAD_REQUEST (-32000)
#define CODE_INVALID_REQUEST (-32600)
#define CODE_METHOD_NOT_FOUND (-32601)
#define CODE_INVALID_PARAMS (-32602)
#define MODERN_VERSIONS "[\"" BFY_ERA_MODERN_VERSION "\"]"

static void
reply_result (BfyRequest *request, const char *id, const char *result)
{
  g_autofree char *body = bfy_era_format_response (id, "result", result);

  bfy_request_reply (request, 200, "application/json", body, -1);
}

static void
serve_set_level (BfyClientSession *self, BfyRequest *request, const BfyRpcMessage *message)
{
  g_autofree char *level = bfy_eras_dup_param (request, "level");

  if (bfy_era_log_rank (level) < 0)
    {
      bfy_eras_refuse (request, 200, message->id, CODE_INVALID_PARAMS, "There is no such level",
                       NULL);
      return;
    }
  g_free (self->log_level);
  self->log_level = g_strdup_printf ("\"%s\"", level);
  reply_result (request, message->id, "{}");
}

static void
serve_subscribe (BfyClientSession *self, BfyRequest *request, const BfyRpcMessage *message)
{
  static const char *const path[] = { "capabilities", "resources", "subscribe", NULL };
  gboolean is_on = g_str_equal (message->method, "resources/subscribe");
  g_autofree char *uri = bfy_eras_dup_param (request, "uri");

  if (!bfy_client_session_has (self->discovered, path))
    {
      bfy_eras_refuse (request, 200, message->id, CODE_METHOD_NOT_FOUND,
                       "The server has no subscriptions", NULL);
      return;
    }
  if (uri == NULL || (is_on && g_hash_table_size (self->uris) >= BFY_CLIENT_SESSION_URIS_MAX))
    {
      bfy_eras_refuse (request, 200, message->id, CODE_INVALID_PARAMS,
                       uri == NULL ? "params.uri is missing" : "Too many subscriptions", NULL);
      return;
    }

  if (is_on ? g_hash_table_add (self->uris, g_steal_pointer (&uri))
            : g_hash_table_remove (self->uris, uri))
    if (self->stream != NULL)
      bfy_client_stream_update (self->stream);
  reply_result (request, message->id, "{}");
}

static void
serve_ping (BfyClientSession *self, BfyRequest *request, const BfyRpcMessage *message)
{
  reply_result (request, message->id, "{}");
}

static void
serve_second_initialize (BfyClientSession *self, BfyRequest *request, const BfyRpcMessage *message)
{
  bfy_eras_refuse (request, 400, message->id, CODE_INVALID_REQUEST,
                   "Invalid Request: this session has been initialized", NULL);
}

static void
serve_own (BfyClientSession *self, BfyRequest *request, const BfyRpcMessage *message)
{
  static const struct
  {
    const char *method;
    void (*func) (BfyClientSession *self, BfyRequest *request, const BfyRpcMessage *message);
  } rows[] = {
    { "ping", serve_ping },
    { "initialize", serve_second_initialize },
    { "logging/setLevel", serve_set_level },
    { "resources/subscribe", serve_subscribe },
    { "resources/unsubscribe", serve_subscribe },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (message->method, rows[i].method))
      {
        rows[i].func (self, request, message);
        return;
      }
}

static void
serve_call (BfyClientSession *self, BfyRequest *request, const BfyRpcMessage *message)
{
  BfyLegacyCall *call;

  if (self->calls->len >= BFY_CLIENT_SESSION_CALLS_MAX)
    {
      bfy_eras_refuse (request, 200, message->id, bfy_error_to_rpc_code (BFY_ERROR_RATE_LIMITED),
                       "Too many requests of this session are under way", NULL);
      return;
    }
  call = bfy_legacy_call_new (self, request, message);
  g_ptr_array_add (self->calls, call);
  bfy_client_session_touch (self);
  bfy_legacy_call_begin (call);
}

static void
serve_request (BfyClientSession *self, BfyRequest *request, const BfyRpcMessage *message)
{
  g_autofree char *text = NULL;

  switch (bfy_era_legacy_method (message->method))
    {
    case BFY_ERA_METHOD_SAME:
      serve_call (self, request, message);
      return;
    case BFY_ERA_METHOD_OWN:
      serve_own (self, request, message);
      return;
    case BFY_ERA_METHOD_FOREIGN:
      text = g_strdup_printf ("There is no %s in MCP %s", message->method, self->version);
      break;
    case BFY_ERA_METHOD_LOST:
      text = g_strdup_printf ("%s of MCP %s has no counterpart in " BFY_ERA_MODERN_VERSION
                              ", which the service behind “%s” speaks",
                              message->method, self->version, self->place->name);
      break;
    }
  bfy_eras_refuse (request, 200, message->id, CODE_METHOD_NOT_FOUND, text, MODERN_VERSIONS);
}

static void
take_cancelled (BfyClientSession *self, const BfyJsonSlice *root)
{
  static const char *const path[] = { "params", "requestId", NULL };
  BfyJsonSlice id;

  if (!bfy_json_slice_find (root, path, &id))
    return;
  for (guint i = 0; i < self->calls->len; i++)
    {
      BfyLegacyCall *call = g_ptr_array_index (self->calls, i);

      if (bfy_legacy_call_has_id (call, &id))
        {
          bfy_legacy_call_cancel (call);
          return;
        }
    }
}

static void
take_response (BfyClientSession *self, const BfyInquiryMessage *response)
{
  for (guint i = 0; i < self->calls->len; i++)
    if (bfy_legacy_call_answer (g_ptr_array_index (self->calls, i), response))
      return;
}

/* What else a legacy client notifies a server of, nobody in the modern era waits for. */
static void
serve_one_way (BfyClientSession *self, BfyRequest *request, const BfyRpcMessage *message)
{
  g_autoptr (BfyRequest) alive G_GNUC_UNUSED = bfy_request_ref (request);
  g_autoptr (GBytes) body = g_bytes_ref (bfy_request_get_body (request));
  gsize length;
  const char *text = g_bytes_get_data (body, &length);
  BfyInquiryMessage whole = { message, { BFY_JSON_NULL, NULL, 0 } };

  bfy_request_reply_empty (request, 202);
  bfy_json_slice_root (text, length, &whole.root);
  if (message->kind == BFY_RPC_RESPONSE)
    take_response (self, &whole);
  else if (g_str_equal (message->method, "notifications/cancelled"))
    take_cancelled (self, &whole.root);
}

static void
serve_get (BfyClientSession *self, BfyRequest *request)
{
  if (self->stream != NULL)
    {
      bfy_eras_refuse (request, 409, NULL, CODE_BAD_REQUEST,
                       "Conflict: Only one SSE stream is allowed per session", NULL);
      return;
    }
  self->stream = bfy_client_stream_new (self, request);
  bfy_client_session_touch (self);
  bfy_client_stream_update (self->stream);
}

static void
serve_without_body (BfyClientSession *self, BfyRequest *request)
{
  if (g_str_equal (bfy_request_get_method (request), "GET"))
    {
      serve_get (self, request);
      return;
    }
  g_hash_table_remove (self->eras->client_sessions, self->id);
  bfy_request_reply_empty (request, 200);
}

void
bfy_client_session_serve (BfyClientSession *self, BfyRequest *request, const BfyRpc *rpc)
{
  const BfyRpcMessage *message;

  bfy_client_session_touch (self);
  if (rpc == NULL)
    {
      serve_without_body (self, request);
      return;
    }
  message = bfy_rpc_message (rpc, 0);
  if (bfy_rpc_is_batch (rpc))
    bfy_eras_refuse (request, 400, NULL, CODE_INVALID_REQUEST,
                     "Batches are not taken: send one message", NULL);
  else if (!bfy_version_is_legacy (bfy_request_get_header (request, "MCP-Protocol-Version")))
    bfy_eras_refuse (
        request, 400, message->id, CODE_BAD_REQUEST,
        "Bad Request: Unsupported protocol version (supported versions: " BFY_VERSION_ALL ")",
        NULL);
  else if (message->kind == BFY_RPC_REQUEST)
    serve_request (self, request, message);
  else
    serve_one_way (self, request, message);
}
