/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/bridge-private.h"
#include "client/bridge-reply.h"
#include "client/mcp-headers.h"
#include "client/sse-channel.h"

struct _BridgePost
{
  Bridge *bridge;
  BfyTransfer *transfer; /* (owned) (nullable) NULL once the answer was 202 */
  GPtrArray *ids;        /* (owned) (element-type utf8) raw tokens still unanswered */
  GBytes *line;          /* (owned) (nullable) of `initialize`, while it may have to go again */
  char *refusal;         /* (owned) (nullable) what it was answered then */
  gsize n_bytes;
  gboolean is_modern;
  gboolean is_initialize;
  gboolean is_initialized; /* the notification */
  gboolean is_discover;
  gboolean is_listen;
  gboolean is_cancelled; /* no answer is owed any more */
  gboolean is_oneway;    /* nothing in it asks for an answer */
};

static gboolean
has_id (const BridgePost *post, const char *id, guint *index)
{
  return g_ptr_array_find_with_equal_func (post->ids, id, g_str_equal, index);
}

gboolean
bridge_post_is_awaited (const BridgePost *post)
{
  return !post->is_listen && !post->is_cancelled && (post->is_oneway || post->ids->len > 0);
}

void
bridge_post_set_held (BridgePost *post, gboolean is_held)
{
  if (post->transfer != NULL)
    bfy_transfer_set_held (post->transfer, is_held);
}

void
bridge_post_free (BridgePost *post)
{
  Bridge *self = post->bridge;

  if (self->barrier == post)
    self->barrier = NULL;
  self->n_post_bytes -= post->n_bytes;
  if (post->transfer != NULL)
    {
      bfy_transfer_cancel (post->transfer);
      bfy_transfer_unref (post->transfer);
    }
  if (self->sse != NULL)
    bridge_sse_forget (self->sse, post);
  g_ptr_array_unref (post->ids);
  g_clear_pointer (&post->line, g_bytes_unref);
  g_free (post->refusal);
  g_free (post);
}

static void
forget (BridgePost *post)
{
  Bridge *self = post->bridge;

  g_ptr_array_remove_fast (self->posts, post);
  bridge_post_done (self);
}

/* Everything this post was to bring has come; a stream may go on with notifications. */
static void
complete (BridgePost *post)
{
  Bridge *self = post->bridge;

  if (post->transfer == NULL)
    {
      forget (post);
      return;
    }
  if (self->barrier == post)
    self->barrier = NULL;
  bridge_post_done (self);
}

void
bridge_post_settle (Bridge *self, const char *id)
{
  for (guint i = 0; i < self->posts->len; i++)
    {
      BridgePost *post = g_ptr_array_index (self->posts, i);
      guint index;

      if (!has_id (post, id, &index))
        continue;

      g_ptr_array_remove_index_fast (post->ids, index);
      if (post->ids->len == 0)
        complete (post);
      return;
    }
}

gboolean
bridge_post_abort (Bridge *self, const char *id)
{
  for (guint i = 0; i < self->posts->len; i++)
    {
      BridgePost *post = g_ptr_array_index (self->posts, i);

      if (post->is_modern && has_id (post, id, NULL))
        {
          forget (post);
          return TRUE;
        }
    }

  return FALSE;
}

void
bridge_post_set_cancelled (Bridge *self, const char *id)
{
  for (guint i = 0; i < self->posts->len; i++)
    {
      BridgePost *post = g_ptr_array_index (self->posts, i);

      if (post->ids->len == 1 && has_id (post, id, NULL))
        post->is_cancelled = TRUE;
    }
}

/* The answer to a legacy `initialize` carries what the rest of the session needs. */
static void
relay_from_post (const BfyRpcMessage *message, GString **line, gpointer user_data)
{
  BridgePost *post = user_data;
  Bridge *self = post->bridge;

  if (post->is_initialize && message->kind == BFY_RPC_RESPONSE)
    {
      g_free (self->version);
      self->version = bfy_bridge_reply_dup_version ((*line)->str, (*line)->len);
      if (self->version != NULL && !bfy_mcp_header_is_token (self->version))
        g_clear_pointer (&self->version, g_free);
    }

  bridge_relay (message, line, self);
}

/* A JSON-RPC error that came with an HTTP error. With null for an id it belongs to everything we
 * asked with this POST. What is not understood here is replaced in on_end(). */
static void
relay_refusal (BridgePost *post, const char *text, gsize length)
{
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text, length, NULL);
  const BfyRpcMessage *message = rpc != NULL ? bfy_rpc_message (rpc, 0) : NULL;
  guint status = bfy_transfer_get_status (post->transfer);

  if (message == NULL || bfy_rpc_is_batch (rpc) || message->kind != BFY_RPC_RESPONSE)
    return;
  if (post->is_discover && status < 500 && !bfy_bridge_reply_is_modern_error (text, length))
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
  if (!post->is_initialize || bfy_transfer_get_status (transfer) != SOUP_STATUS_OK)
    return;

  session_id = bfy_transfer_get_header (transfer, "Mcp-Session-Id");
  g_clear_pointer (&self->session_id, g_free);
  if (session_id != NULL && bfy_mcp_header_is_token (session_id))
    self->session_id = g_strdup (session_id);
}

static void
on_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
  BridgePost *post = user_data;
  guint status = bfy_transfer_get_status (transfer);
  g_autoptr (GError) error = NULL;

  /* Old servers put a word into it; the answer comes on the stream. */
  if (SOUP_STATUS_IS_SUCCESSFUL (status) && bridge_sse_is_usable (post->bridge->sse))
    return;
  if (post->line != NULL && post->refusal == NULL &&
      bfy_sse_channel_may_help (transfer, text, length))
    post->refusal = g_strndup (text, length);
  else if (status >= 400)
    relay_refusal (post, text, length);
  else if (!bfy_bridge_reply_foreach (text, length, relay_from_post, post, &error))
    bridge_complain (post->bridge, "The server sent something that is not MCP: %s", error->message);
}

/* Why a request stays without answer, as the error its client gets. */
static GString *
new_failure_line (const BridgePost *post, const char *id, const GError *error)
{
  guint status = post->transfer != NULL ? bfy_transfer_get_status (post->transfer) : 0;
  g_autofree char *hint = NULL;
  g_autofree char *text = NULL;

  if (error != NULL)
    {
      hint = bfy_error_code (error) == BFY_ERROR_NO_AGENT
                 ? bfy_error_format_hint (BFY_ERROR_NO_AGENT, NULL)
                 : NULL;
      text = hint != NULL ? g_strdup_printf ("%s. Try: %s", error->message, hint)
                          : g_strdup (error->message);
      return bfy_bridge_reply_error (id, bfy_error_code (error), text);
    }
  if (post->is_discover && status >= 400 && status < 500)
    return bfy_bridge_reply_not_found_method (id);
  if (post->is_listen)
    return bfy_bridge_reply_cancelled (id, "The server ended the stream");
  if (status == SOUP_STATUS_NOT_FOUND && post->bridge->session_id != NULL && !post->is_modern)
    return bfy_bridge_reply_error (id, BFY_ERROR_SESSION_LOST,
                                   "The server has ended this session; start a new one");
  if (status >= 400)
    {
      text = g_strdup_printf ("The server answered with HTTP %u and no message", status);
      return bfy_bridge_reply_error (id, BFY_ERROR_UPSTREAM_FAILED, text);
    }

  return bfy_bridge_reply_error (id, BFY_ERROR_UPSTREAM_FAILED,
                                 "The server ended its answer without a response");
}

static void
fail_rest (BridgePost *post, const GError *error)
{
  for (guint i = 0; i < post->ids->len && !post->is_cancelled; i++)
    bridge_write (post->bridge, new_failure_line (post, g_ptr_array_index (post->ids, i), error));
}

/* One-way messages have nobody to tell but the log. */
static void
complain_about_oneway (BridgePost *post, const GError *error)
{
  guint status = bfy_transfer_get_status (post->transfer);

  if (error != NULL)
    bridge_complain (post->bridge, "%s", error->message);
  else if (status >= 400)
    bridge_complain (post->bridge, "The server refused a notification with HTTP %u", status);
}

/* With the transport of 2024-11-05 some say 200 where 202 is meant. */
static gboolean
is_accepted_for_later (const BridgePost *post, const GError *error)
{
  guint status = bfy_transfer_get_status (post->transfer);

  if (error != NULL || post->ids->len == 0)
    return FALSE;
  if (bridge_sse_is_open (post->bridge->sse))
    return SOUP_STATUS_IS_SUCCESSFUL (status);

  return status == SOUP_STATUS_ACCEPTED && bridge_listener_is_open (post->bridge->listener);
}

/* The server may have an older transport only. TRUE when it is being tried. */
static gboolean
try_sse (BridgePost *post, const GError *error)
{
  g_autoptr (GBytes) line = g_steal_pointer (&post->line);
  Bridge *self = post->bridge;

  if (line == NULL || error != NULL || post->ids->len == 0 || self->stage != BRIDGE_RUNNING ||
      !bfy_sse_channel_may_help (post->transfer, post->refusal,
                                 post->refusal != NULL ? strlen (post->refusal) : 0))
    return FALSE;
  self->sse = bridge_sse_new (self, post, line, post->refusal);

  return TRUE;
}

static void
on_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  BridgePost *post = user_data;
  Bridge *self = post->bridge;
  gboolean has_no_agent = bfy_error_code (error) == BFY_ERROR_NO_AGENT && !self->has_reached_agent;

  if (is_accepted_for_later (post, error))
    {
      g_clear_pointer (&post->transfer, bfy_transfer_unref);
      return;
    }
  if (try_sse (post, error))
    return;
  if (post->is_initialized && error == NULL && bfy_transfer_get_status (transfer) < 300 &&
      self->listener == NULL && self->sse == NULL && self->stage == BRIDGE_RUNNING)
    self->listener = bridge_listener_new (self);

  if (post->is_oneway)
    complain_about_oneway (post, error);
  else
    fail_rest (post, error);

  forget (post);
  if (has_no_agent)
    bridge_give_up (self);
}

static const BfyTransferEvents events = { on_head, on_text, on_end };

void
bridge_post_send (BridgePost *post, SoupMessage *message)
{
  Bridge *self = post->bridge;

  g_clear_pointer (&post->transfer, bfy_transfer_unref);
  post->transfer = bfy_transfer_start (self->remote, message, &events, post);
  if (self->is_held)
    bfy_transfer_set_held (post->transfer, TRUE);
}

void
bridge_post_refuse (BridgePost *post, const char *text)
{
  if (text != NULL)
    relay_refusal (post, text, strlen (text));
  fail_rest (post, NULL);
  forget (post);
}

static BridgePost *
find_waiting (Bridge *self)
{
  for (guint i = 0; i < self->posts->len; i++)
    {
      BridgePost *post = g_ptr_array_index (self->posts, i);

      if (post->transfer == NULL)
        return post;
    }

  return NULL;
}

void
bridge_post_fail_waiting (Bridge *self, const GError *error)
{
  BridgePost *post;

  while ((post = find_waiting (self)) != NULL)
    {
      fail_rest (post, error);
      forget (post);
    }
}

/* Gathers what the answer will be matched against. */
static BridgePost *
new_post (Bridge *self, BfyRpc *rpc, gsize n_bytes)
{
  const BfyRpcMessage *first = bfy_rpc_message (rpc, 0);
  gboolean is_single = !bfy_rpc_is_batch (rpc);
  BridgePost *post = g_new0 (BridgePost, 1);

  post->bridge = self;
  post->n_bytes = n_bytes;
  post->ids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    {
      const BfyRpcMessage *message = bfy_rpc_message (rpc, i);

      if (message->kind == BFY_RPC_REQUEST)
        g_ptr_array_add (post->ids, g_strdup (message->id));
    }

  post->is_oneway = post->ids->len == 0;
  post->is_modern =
      is_single && (first->has_claim || (self->version == NULL && self->modern_version != NULL));
  post->is_initialize =
      is_single && !first->has_claim && g_strcmp0 (first->method, "initialize") == 0;
  post->is_initialized = is_single && g_strcmp0 (first->method, "notifications/initialized") == 0;
  post->is_discover = is_single && g_strcmp0 (first->method, "server/discover") == 0;
  post->is_listen = is_single && g_strcmp0 (first->method, "subscriptions/listen") == 0;
  if (post->is_initialize)
    post->is_modern = FALSE;
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
    }
  if (post->is_initialize || (post->is_initialized && !post->is_modern))
    self->barrier = post;
}

void
bridge_post_start (Bridge *self, BfyRpc *rpc, GBytes *line)
{
  const BfyRpcMessage *first = bfy_rpc_message (rpc, 0);
  BridgePost *post = new_post (self, rpc, g_bytes_get_size (line));
  g_autoptr (SoupMessage) message = NULL;

  if (first->has_claim)
    {
      g_free (self->modern_version);
      self->modern_version = g_strdup (first->protocol_version);
    }
  begin_handshake (self, post);
  post->line = post->is_initialize ? g_bytes_ref (line) : NULL;
  message = bridge_sse_is_usable (self->sse)
                ? bridge_sse_new_post (self->sse, line)
                : bfy_transfer_new_post (self->remote, self->binding, line);
  if (post->is_modern)
    bfy_mcp_headers_add (soup_message_get_request_headers (message), first, self->modern_version);
  else
    bridge_add_session_headers (self, message);

  self->n_post_bytes += post->n_bytes;
  g_ptr_array_add (self->posts, post);
  bridge_post_send (post, message);
}
