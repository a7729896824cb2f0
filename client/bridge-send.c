/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A message of the client becomes a POST. */

#include "client/bridge-post.h"
#include "client/mcp-headers.h"

static void
on_param (const char *name, const char *value, gpointer user_data)
{
  soup_message_headers_replace (user_data, name, value);
}

/* Mcp-Param-… for a call of a tool whose declarations are known. */
static void
add_params (BridgePost *post, SoupMessageHeaders *headers)
{
  const BfyParamHeaders *params = bfy_tool_headers_lookup (post->bridge->tools, post->tool);
  gsize length;
  const char *text = g_bytes_get_data (post->line, &length);
  BfyJsonSlice root;
  BfyJsonSlice slice;
  BfyJsonSlice arguments;

  bfy_json_slice_root (text, length, &root);
  post->has_params = params != NULL && bfy_json_slice_member (&root, "params", &slice) &&
                     bfy_json_slice_member (&slice, "arguments", &arguments);
  if (post->has_params)
    bfy_param_headers_foreach (params, &arguments, on_param, headers);
}

static void
send (BridgePost *post, const BfyRpc *rpc)
{
  Bridge *self = post->bridge;
  g_autoptr (SoupMessage) message =
      bridge_sse_is_usable (self->sse)
          ? bridge_sse_new_post (self->sse, post->line)
          : bfy_transfer_new_post (self->remote, self->binding, post->line);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  if (post->is_modern)
    bfy_mcp_headers_add (headers, bfy_rpc_message (rpc, 0), self->modern_version);
  else
    bridge_add_session_headers (self, message);
  if (post->tool != NULL)
    add_params (post, headers);

  g_free (post->session_id);
  post->session_id = post->is_modern ? NULL : g_strdup (self->session_id);
  bridge_post_take_transfer (post, message);
}

void
bridge_post_send_again (BridgePost *post)
{
  gsize length;
  const char *text = g_bytes_get_data (post->line, &length);
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text, length, NULL);

  g_clear_pointer (&post->errand, bridge_errand_free);
  g_clear_pointer (&post->refusal, g_bytes_unref);
  post->needs_session = FALSE;
  post->is_second_try = TRUE;
  send (post, rpc);
}

/* What kind of message it is decides what its answer means. */
static void
classify (BridgePost *post, const BfyRpc *rpc)
{
  const BfyRpcMessage *first = bfy_rpc_message (rpc, 0);
  Bridge *self = post->bridge;
  gboolean is_single = !bfy_rpc_is_batch (rpc);
  const char *method = is_single ? first->method : NULL;

  post->is_oneway = post->ids->len == 0;
  post->is_response = first->kind == BFY_RPC_RESPONSE;
  post->is_initialize = !first->has_claim && g_strcmp0 (method, "initialize") == 0;
  post->is_initialized = g_strcmp0 (method, "notifications/initialized") == 0;
  post->is_discover = g_strcmp0 (method, "server/discover") == 0;
  post->is_listen = g_strcmp0 (method, "subscriptions/listen") == 0;
  post->is_modern = is_single && !post->is_initialize &&
                    (first->has_claim || (self->version == NULL && self->modern_version != NULL));
  post->is_tools_list = post->is_modern && g_strcmp0 (method, "tools/list") == 0;
  if (post->is_modern && g_strcmp0 (method, "tools/call") == 0)
    post->tool = g_strdup (first->name);
}

/* Gathers what the answer will be matched against. */
static BridgePost *
new_post (Bridge *self, const BfyRpc *rpc, GBytes *line)
{
  BridgePost *post = g_new0 (BridgePost, 1);

  post->bridge = self;
  post->line = g_bytes_ref (line);
  post->n_bytes = g_bytes_get_size (line);
  post->retry_ms = -1;
  post->ids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    {
      const BfyRpcMessage *message = bfy_rpc_message (rpc, i);

      if (message->kind == BFY_RPC_REQUEST)
        g_ptr_array_add (post->ids, g_strdup (message->id));
    }

  classify (post, rpc);
  return post;
}

/* A new handshake leaves the old session behind. */
static void
begin_handshake (Bridge *self, BridgePost *post)
{
  if (post->is_initialize)
    {
      g_clear_pointer (&self->listener, bridge_listener_free);
      g_clear_pointer (&self->sse, bridge_sse_free);
      g_clear_pointer (&self->session_id, g_free);
      g_clear_pointer (&self->version, g_free);
      g_clear_pointer (&self->modern_version, g_free);
      g_clear_pointer (&self->initialize, g_bytes_unref);
      g_clear_pointer (&self->initialized, g_bytes_unref);
      self->initialize = g_bytes_ref (post->line);
    }
  else if (!post->is_initialized || post->is_modern)
    return;
  else if (self->initialized == NULL)
    self->initialized = g_bytes_ref (post->line);

  self->barrier = post;
}

void
bridge_post_start (Bridge *self, BfyRpc *rpc, GBytes *line)
{
  const BfyRpcMessage *first = bfy_rpc_message (rpc, 0);
  BridgePost *post = new_post (self, rpc, line);

  if (first->has_claim)
    {
      g_free (self->modern_version);
      self->modern_version = g_strdup (first->protocol_version);
    }
  begin_handshake (self, post);
  bridge_recovery_note (self, rpc, line);

  self->n_post_bytes += post->n_bytes;
  g_ptr_array_add (self->posts, post);
  send (post, rpc);
}
