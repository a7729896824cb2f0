/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What comes back for a message of the client, and what is done when the answer is not there yet.
 */

#include <string.h>

#include "client/bridge-post.h"
#include "client/bridge-reply.h"
#include "client/mcp-headers.h"
#include "client/sse-channel.h"

/* What the client must not be offered leaves the list; the rest is remembered for calls. */
static void
learn_tools (Bridge *self, GString **line)
{
  g_autofree char *complaint = NULL;
  GString *kept = bfy_tool_headers_learn (self->tools, (*line)->str, (*line)->len, &complaint);

  if (kept == NULL)
    return;

  g_string_free (*line, TRUE);
  *line = kept;
  bridge_complain (self, "%s", complaint);
}

/* The answer to a legacy `initialize` carries what the rest of the session needs. */
static void
learn_version (Bridge *self, const GString *line)
{
  g_free (self->version);
  self->version = bfy_bridge_reply_dup_version (line->str, line->len);
  if (self->version != NULL && !bfy_mcp_header_is_token (self->version))
    g_clear_pointer (&self->version, g_free);
}

static void
relay_from_post (const BfyRpcMessage *message, GString **line, gpointer user_data)
{
  BridgePost *post = user_data;
  Bridge *self = post->bridge;

  if (post->is_initialize && message->kind == BFY_RPC_RESPONSE)
    learn_version (self, *line);
  if (post->is_tools_list && message->kind == BFY_RPC_RESPONSE)
    learn_tools (self, line);

  bridge_relay (message, line, self);
}

/* A JSON-RPC error that came with an HTTP error. With null for an id it belongs to everything we
 * asked with this POST. What is not understood here is replaced in bridge_post_finish(). */
static void
relay_refusal (BridgePost *post, const char *text, gsize length)
{
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text, length, NULL);
  const BfyRpcMessage *message = rpc != NULL ? bfy_rpc_message (rpc, 0) : NULL;

  if (message == NULL || bfy_rpc_is_batch (rpc) || message->kind != BFY_RPC_RESPONSE)
    return;
  if (post->is_discover && post->status < 500 && !bfy_bridge_reply_is_modern_error (text, length))
    return;

  if (message->id != NULL)
    {
      if (!bfy_bridge_reply_foreach (text, length, relay_from_post, post, NULL))
        g_warn_if_reached ();
      return;
    }

  while (post->ids->len > 0)
    {
      GString *line = bfy_bridge_reply_adopt (text, length, g_ptr_array_index (post->ids, 0));

      if (line == NULL)
        return;
      bridge_write (post->bridge, line);
      g_ptr_array_remove_index_fast (post->ids, 0);
    }
}

/* The server has not looked at the message: it may be sent again under a new session. */
static gboolean
is_session_lost (const BridgePost *post)
{
  return post->status == SOUP_STATUS_NOT_FOUND && post->session_id != NULL && !post->is_modern &&
         !post->is_second_try && !post->is_resumed && !post->is_initialize &&
         !post->is_initialized && !post->is_discover && post->bridge->initialize != NULL;
}

static gboolean
is_mismatch (const BridgePost *post, const char *text, gsize length)
{
  g_autoptr (BfyRpc) rpc = NULL;

  if (post->tool == NULL || post->is_second_try)
    return FALSE;

  rpc = bfy_rpc_parse (text, length, NULL);
  return rpc != NULL && bfy_bridge_reply_is_header_mismatch (text, length);
}

/* What `initialize` was refused with may not be the last word. */
static gboolean
may_sse_help (const BridgePost *post, const char *text, gsize length)
{
  return post->is_initialize && !post->has_tried_sse && post->bridge->stage == BRIDGE_RUNNING &&
         bfy_sse_channel_may_help (post->transfer, text, length);
}

static void
on_head (BfyTransfer *transfer, gpointer user_data)
{
  BridgePost *post = user_data;
  Bridge *self = post->bridge;
  const char *session_id;

  /* It may have come up after the warning at our start. */
  if (!self->has_reached_agent)
    self->exit_status = 0;
  self->has_reached_agent = TRUE;
  post->status = bfy_transfer_get_status (transfer);
  post->is_streaming = post->status == SOUP_STATUS_OK && bfy_transfer_is_stream (transfer);
  if (!post->is_initialize || post->is_resumed || post->status != SOUP_STATUS_OK)
    return;

  session_id = bfy_transfer_get_header (transfer, "Mcp-Session-Id");
  g_clear_pointer (&self->session_id, g_free);
  if (session_id != NULL && bfy_mcp_header_is_token (session_id))
    self->session_id = g_strdup (session_id);
}

static void
keep_refusal (BridgePost *post, const char *text, gsize length)
{
  g_clear_pointer (&post->refusal, g_bytes_unref);
  post->refusal = g_bytes_new (text, length);
}

static void
on_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
  BridgePost *post = user_data;
  g_autoptr (GError) error = NULL;

  post->n_resumes = 0;
  /* Old servers put a word into it; the answer comes on the stream. */
  if (SOUP_STATUS_IS_SUCCESSFUL (post->status) && bridge_sse_is_usable (post->bridge->sse))
    return;
  if (post->status < 400)
    {
      if (!bfy_bridge_reply_foreach (text, length, relay_from_post, post, &error))
        bridge_complain (post->bridge, "The server sent something that is not MCP: %s",
                         error->message);
    }
  else if (is_session_lost (post) || is_mismatch (post, text, length) ||
           may_sse_help (post, text, length))
    keep_refusal (post, text, length);
  else
    relay_refusal (post, text, length);
}

/* One-way messages have nobody to tell but the log. */
static void
complain_about_oneway (BridgePost *post, const GError *error)
{
  if (error != NULL)
    bridge_complain (post->bridge, "%s", error->message);
  else if (post->status >= 400)
    bridge_complain (post->bridge, "The server refused a notification with HTTP %u", post->status);
}

void
bridge_post_finish (BridgePost *post, const GError *error)
{
  Bridge *self = post->bridge;
  g_autoptr (GBytes) refusal = g_steal_pointer (&post->refusal);
  gsize length;
  const char *text = refusal != NULL ? g_bytes_get_data (refusal, &length) : NULL;

  if (text != NULL)
    relay_refusal (post, text, length);
  if (post->is_oneway)
    complain_about_oneway (post, error);
  for (guint i = 0; i < post->ids->len && !post->is_cancelled; i++)
    bridge_write (self, bridge_failure_new_line (post, g_ptr_array_index (post->ids, i), error));

  bridge_post_forget (post);
}

void
bridge_post_refuse (BridgePost *post, const char *text)
{
  g_clear_pointer (&post->refusal, g_bytes_unref);
  if (text != NULL)
    post->refusal = g_bytes_new (text, strlen (text));
  bridge_post_finish (post, NULL);
}

/* With the transport of 2024-11-05 some say 200 where 202 is meant. */
static gboolean
is_accepted_for_later (const BridgePost *post, const GError *error)
{
  if (error != NULL || post->ids->len == 0)
    return FALSE;
  if (bridge_sse_is_open (post->bridge->sse))
    return SOUP_STATUS_IS_SUCCESSFUL (post->status);

  return post->status == SOUP_STATUS_ACCEPTED && bridge_listener_is_open (post->bridge->listener);
}

/* The server may have an older transport only. TRUE when it is being tried. */
static gboolean
try_sse (BridgePost *post, const GError *error)
{
  g_autoptr (GBytes) refusal = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;

  if (post->refusal != NULL)
    text = g_strndup (g_bytes_get_data (post->refusal, &length), g_bytes_get_size (post->refusal));
  if (error != NULL || post->ids->len == 0 || !may_sse_help (post, text, length))
    return FALSE;

  refusal = g_steal_pointer (&post->refusal);
  post->has_tried_sse = TRUE;
  post->bridge->sse = bridge_sse_new (post->bridge, post, post->line, text);
  return TRUE;
}

/* Whoever finds the session lost first makes a new one; the others wait, or have one already. */
static void
wait_for_session (BridgePost *post)
{
  Bridge *self = post->bridge;
  gboolean is_news = g_strcmp0 (self->session_id, post->session_id) == 0;

  post->needs_session = TRUE;
  if (is_news)
    bridge_recovery_start (self);
  else if (self->recovery == NULL)
    bridge_posts_take_session (self, TRUE);
}

/* Where the stream can be taken up again. */
static void
note_position (BridgePost *post)
{
  const char *id = bfy_transfer_get_last_event_id (post->transfer);

  if (bfy_transfer_get_retry_ms (post->transfer) >= 0)
    post->retry_ms = bfy_transfer_get_retry_ms (post->transfer);
  if (id == NULL || !bfy_mcp_header_is_event_id (id) || g_strcmp0 (id, post->last_event_id) == 0)
    return;

  g_free (post->last_event_id);
  post->last_event_id = g_strdup (id);
  post->n_resumes = 0;
}

static void
on_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  BridgePost *post = user_data;
  Bridge *self = post->bridge;
  gboolean has_no_agent = bfy_error_code (error) == BFY_ERROR_NO_AGENT && !self->has_reached_agent;

  note_position (post);
  if (is_accepted_for_later (post, error))
    {
      g_clear_pointer (&post->transfer, bfy_transfer_unref);
      return;
    }
  if (try_sse (post, error))
    return;
  if (post->is_initialized && error == NULL && post->status < 300 && self->listener == NULL &&
      self->sse == NULL && self->stage == BRIDGE_RUNNING)
    self->listener = bridge_listener_new (self);

  if (error == NULL && is_session_lost (post))
    wait_for_session (post);
  else if (error == NULL && post->refusal != NULL && post->tool != NULL)
    bridge_refresh_start (post);
  else if (bridge_resume_is_possible (post))
    bridge_resume_later (post);
  else
    bridge_post_finish (post, error);

  if (has_no_agent)
    bridge_give_up (self);
}

void
bridge_post_take_transfer (BridgePost *post, SoupMessage *message)
{
  static const BfyTransferEvents events = { on_head, on_text, on_end };
  Bridge *self = post->bridge;

  g_clear_pointer (&post->transfer, bfy_transfer_unref);
  post->status = 0;
  post->transfer = bfy_transfer_start (self->remote, message, &events, post);
  if (self->is_held)
    bfy_transfer_set_held (post->transfer, TRUE);
}
