/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/prompt/hold.h"

#include <string.h>

#include "protocol/json-edit.h"

#define TOKEN_BYTES_MAX 1024 /* of a client's name for what progresses */
/* Each is more than the last, and less than any that the service may tell of after that. */
#define PROGRESS_FORMAT "0.%06u"
#define PROGRESS_MAX 999999

struct _BfyHold
{
  BfyRequest *request;   /* (owned) */
  BfyRequest *outermost; /* (owned) */
  char *text;            /* (owned) as JSON */
  GPtrArray *tokens;     /* (owned) raw */
  gboolean has_stream;   /* its client can be told something before the answer */
  guint beat_ms;
  GSource *timer; /* (owned) (nullable) */
  gulong gone_id;
};

static BfyRpc *
parse (BfyRequest *request)
{
  GBytes *body = bfy_request_get_body (request);
  const BfyRoute *route = bfy_request_get_route (request);
  gsize length = 0;
  const char *text = body != NULL ? g_bytes_get_data (body, &length) : NULL;

  /* A REST client waits, and is told nothing meanwhile. */
  if (route != NULL && route->kind == BFY_ROUTE_HTTP)
    return NULL;

  return length > 0 ? bfy_rpc_parse (text, length, NULL) : NULL;
}

static gboolean
takes_streams (BfyRequest *request)
{
  SoupMessageHeaders *headers = bfy_request_get_headers (request);
  const char *accept = headers != NULL ? soup_message_headers_get_list (headers, "Accept") : NULL;
  GSList *types = accept != NULL ? soup_header_parse_quality_list (accept, NULL) : NULL;
  gboolean takes =
      g_slist_find_custom (types, "text/event-stream", (GCompareFunc) g_ascii_strcasecmp) != NULL;

  soup_header_free_list (types);

  return takes;
}

/* What else than its messages the answer is awaited for. */
static gboolean
is_plain (const BfyRpc *rpc)
{
  static const char *const told_by_head[] = { "initialize", "server/discover", NULL };
  gboolean has_request = FALSE;

  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    {
      const BfyRpcMessage *message = bfy_rpc_message (rpc, i);

      if (message->method != NULL && g_strv_contains (told_by_head, message->method))
        return FALSE;
      has_request = has_request || message->kind == BFY_RPC_REQUEST;
    }

  return has_request;
}

static gboolean
can_be_told (BfyRequest *outermost, const BfyRpc *rpc)
{
  return rpc != NULL && is_plain (rpc) && !bfy_request_is_inner (outermost) &&
         (bfy_request_is_early (outermost) ||
          (bfy_request_can_begin_early (outermost) &&
           (bfy_request_has_detour (outermost) || takes_streams (outermost))));
}

/* A string or an integer (mcp.md A.5); anything else is no token. */
static gboolean
is_token (const BfyJsonSlice *slice)
{
  gint64 number;

  return slice->length <= TOKEN_BYTES_MAX &&
         (slice->type == BFY_JSON_STRING || bfy_json_slice_get_int (slice, &number));
}

static void
add_token (BfyHold *self, const BfyJsonSlice *message)
{
  static const char *const path[] = { "params", "_meta", "progressToken", NULL };
  BfyJsonSlice token;

  if (bfy_json_slice_find (message, path, &token) && is_token (&token))
    g_ptr_array_add (self->tokens, bfy_json_slice_dup_raw (&token));
}

static void
find_tokens (BfyHold *self, const BfyRpc *rpc)
{
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (self->outermost), &length);
  BfyJsonSlice root, key, value;
  BfyJsonIter iter;

  bfy_json_slice_root (text, length, &root);
  if (!bfy_rpc_is_batch (rpc))
    {
      add_token (self, &root);
      return;
    }
  bfy_json_iter_init (&iter, &root);
  while (bfy_json_iter_next (&iter, &key, &value))
    add_token (self, &value);
}

static void
tell_progress (BfyHold *self, const char *token)
{
  guint n = MIN (bfy_request_get_n_told (self->outermost) + 1, PROGRESS_MAX);
  g_autofree char *message = g_strdup_printf (
      "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":%s,"
      "\"progress\":" PROGRESS_FORMAT ",\"message\":%s}}",
      token, n, self->text);

  bfy_request_tell (self->outermost, message);
}

static void
beat (BfyHold *self)
{
  for (guint i = 0; i < self->tokens->len; i++)
    tell_progress (self, g_ptr_array_index (self->tokens, i));
  if (self->tokens->len == 0)
    bfy_request_tell (self->outermost, NULL);
}

static void
set_timer (BfyHold *self, guint wait_ms, GSourceFunc func)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  self->timer = g_timeout_source_new (wait_ms);
  g_source_set_callback (self->timer, func, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

static gboolean
on_beat (gpointer user_data)
{
  beat (user_data);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_silent (gpointer user_data)
{
  BfyHold *self = user_data;
  BfyRpc *rpc = parse (self->outermost);

  if (rpc != NULL)
    bfy_request_begin_early (self->outermost, rpc);
  beat (self);
  set_timer (self, self->beat_ms, on_beat);

  return G_SOURCE_REMOVE;
}

/* Whoever asks for somebody else does not always notice that he is gone. */
static void
on_gone (GCancellable *gone, gpointer user_data)
{
  BfyHold *self = user_data;
  g_autoptr (BfyRequest) request = bfy_request_ref (self->request);

  g_cancellable_cancel (bfy_request_get_gone (request));
  bfy_request_break (request);
}

BfyHold *
bfy_hold_new (BfyRequest *request, const char *text)
{
  BfyHold *self = g_new0 (BfyHold, 1);
  g_autoptr (BfyRpc) rpc = NULL;
  g_autoptr (GString) quoted = g_string_new (NULL);

  self->request = bfy_request_ref (request);
  self->outermost = bfy_request_ref (bfy_request_get_outermost (request));
  self->tokens = g_ptr_array_new_with_free_func (g_free);
  self->beat_ms = BFY_HOLD_BEAT_MS;
  bfy_json_append_string (quoted, text, -1);
  self->text = g_string_free (g_steal_pointer (&quoted), FALSE);
  rpc = parse (self->outermost);
  self->has_stream = can_be_told (self->outermost, rpc);
  if (self->has_stream)
    {
      find_tokens (self, rpc);
      set_timer (self, BFY_HOLD_SILENT_MS, on_silent);
    }
  if (self->outermost != self->request)
    self->gone_id = g_signal_connect (bfy_request_get_gone (self->outermost), "cancelled",
                                      G_CALLBACK (on_gone), self);

  return self;
}

void
bfy_hold_free (BfyHold *self)
{
  if (self == NULL)
    return;

  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->outermost));
  bfy_request_unref (self->outermost);
  bfy_request_unref (self->request);
  g_ptr_array_unref (self->tokens);
  g_free (self->text);
  g_free (self);
}

gboolean
bfy_hold_keeps_alive (const BfyHold *self)
{
  return self->has_stream && self->tokens->len > 0;
}

void
bfy_hold_set_times (BfyHold *self, guint silent_ms, guint beat_ms)
{
  self->beat_ms = beat_ms;
  if (self->has_stream)
    set_timer (self, silent_ms, on_silent);
}
