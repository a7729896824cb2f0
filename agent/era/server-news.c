/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/listen.h"
#include "agent/era/modern-call.h"
#include "agent/era/server-session-private.h"

/* What a server may want to ask, it may ask on its own stream: that has to be there. */
static gboolean
needs_stream (BfyServerSession *self)
{
  return self->listens->len > 0 || bfy_server_session_has_capability (self, "sampling") ||
         bfy_server_session_has_capability (self, "elicitation") ||
         bfy_server_session_has_capability (self, "roots");
}

void
bfy_server_session_update_stream (BfyServerSession *self)
{
  if (self->stream == NULL && self->is_ready && !self->is_lost && needs_stream (self))
    {
      self->stream = bfy_server_stream_new (self, self->caller);
      bfy_server_stream_open (self->stream);
    }
}

gboolean
bfy_server_session_wants_level (BfyServerSession *self, const char *level)
{
  static const char *const path[] = { "capabilities", "logging", NULL };
  int rank = bfy_era_log_rank (level);
  BfyJsonSlice result, logging;

  bfy_server_session_get_result (self, &result);
  if (rank < 0 || rank >= self->log_rank || !bfy_json_slice_find (&result, path, &logging))
    return FALSE;
  self->log_rank = rank;

  return TRUE;
}

void
bfy_server_session_add_call (BfyServerSession *self, BfyModernCall *call)
{
  g_ptr_array_add (self->calls, call);
  bfy_server_session_touch (self);
}

void
bfy_server_session_remove_call (BfyServerSession *self, BfyModernCall *call)
{
  if (g_ptr_array_remove (self->calls, call))
    bfy_server_session_touch (self);
}

guint
bfy_server_session_n_listens (BfyServerSession *self)
{
  return self->listens->len;
}

void
bfy_server_session_add_listen (BfyServerSession *self, BfyListen *listen)
{
  g_ptr_array_add (self->listens, listen);
  bfy_server_session_touch (self);
  bfy_server_session_update_stream (self);
}

void
bfy_server_session_remove_listen (BfyServerSession *self, BfyListen *listen)
{
  g_ptr_array_remove (self->listens, listen);
  bfy_server_session_touch (self);
  if (self->stream != NULL && !needs_stream (self))
    g_clear_pointer (&self->stream, bfy_server_stream_free);
}

static void
send_subscription (BfyServerSession *self, const char *method, const char *uri)
{
  g_autoptr (GString) body = g_string_new ("{\"jsonrpc\":\"2.0\",\"id\":");

  g_string_append_printf (body, "%" G_GUINT64_FORMAT ",\"method\":\"%s\",\"params\":{\"uri\":",
                          bfy_server_session_next_id (self), method);
  bfy_json_append_string (body, uri, -1);
  g_string_append (body, "}}");
  bfy_server_session_send (self, self->caller, g_string_free (g_steal_pointer (&body), FALSE));
}

void
bfy_server_session_subscribe (BfyServerSession *self, const char *uri)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->uris, uri));

  g_hash_table_insert (self->uris, g_strdup (uri), GUINT_TO_POINTER (n + 1));
  if (n == 0)
    send_subscription (self, "resources/subscribe", uri);
}

void
bfy_server_session_unsubscribe (BfyServerSession *self, const char *uri)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->uris, uri));

  if (n > 1)
    {
      g_hash_table_insert (self->uris, g_strdup (uri), GUINT_TO_POINTER (n - 1));
      return;
    }
  g_hash_table_remove (self->uris, uri);
  if (n == 1 && !self->is_lost)
    send_subscription (self, "resources/unsubscribe", uri);
}

void
bfy_server_session_notify (BfyServerSession *self, const BfyInquiryMessage *message)
{
  static const char *const path[] = { "params", "uri", NULL };
  BfyJsonSlice slice;
  g_autofree char *uri = bfy_json_slice_find (&message->root, path, &slice)
                             ? bfy_json_slice_dup_string (&slice)
                             : NULL;

  for (guint i = 0; i < self->listens->len; i++)
    bfy_listen_notify (g_ptr_array_index (self->listens, i), message, uri);
}

void
bfy_server_session_refuse (BfyServerSession *self, BfyRequest *caller, const BfyRpcMessage *request)
{
  gboolean is_ping = g_str_equal (request->method, "ping");

  bfy_server_session_send (
      self, caller,
      is_ping ? bfy_era_format_response (request->id, "result", "{}")
              : bfy_era_format_response (request->id, "error",
                                         "{\"code\":-32601,\"message\":\"The client cannot be "
                                         "asked this now\"}"));
}

static void
take_notification (BfyServerSession *self, const BfyInquiryMessage *message)
{
  static const char *const path[] = { "params", "progressToken", NULL };
  BfyJsonSlice token;

  if (!bfy_json_slice_find (&message->root, path, &token))
    {
      bfy_server_session_notify (self, message);
      if (self->calls->len > 0)
        bfy_modern_call_take (g_ptr_array_index (self->calls, self->calls->len - 1), message);
      return;
    }
  for (guint i = 0; i < self->calls->len; i++)
    {
      BfyModernCall *call = g_ptr_array_index (self->calls, i);

      if (bfy_modern_call_has_token (call, &token))
        {
          bfy_modern_call_take (call, message);
          return;
        }
    }
}

/* A request that belongs to no stream of a call is most likely made for the newest one. */
void
bfy_server_session_take (BfyServerSession *self, const BfyInquiryMessage *message)
{
  switch (message->rpc->kind)
    {
    case BFY_RPC_NOTIFICATION:
      take_notification (self, message);
      return;
    case BFY_RPC_REQUEST:
      for (guint i = self->calls->len; i > 0; i--)
        {
          BfyModernCall *call = g_ptr_array_index (self->calls, i - 1);

          if (bfy_modern_call_may_ask (call))
            {
              bfy_modern_call_take (call, message);
              return;
            }
        }
      bfy_server_session_refuse (self, self->caller, message->rpc);
      return;
    case BFY_RPC_RESPONSE:
      return;
    }
}
