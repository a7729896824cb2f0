/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/bridge-reply.h"

#include <string.h>

#include "client/minify.h"
#include "protocol/json.h"

/* HeaderMismatch, MissingRequiredClientCapability and UnsupportedProtocolVersion. */
#define MODERN_ERROR_FIRST (-32022)
#define MODERN_ERROR_LAST (-32020)
#define HEADER_MISMATCH (-32020)

static GString *
new_line (const char *text, gsize length)
{
  GString *line = g_string_sized_new (length + 1);

  bfy_minify_append (line, text, length);
  return line;
}

static GString *
take_line (char *text)
{
  g_autofree char *owned = text;

  return g_string_new (owned);
}

static void
report_one (const BfyRpcMessage *message,
            const BfyJsonSlice *slice,
            BfyBridgeReplyFunc func,
            gpointer user_data)
{
  GString *line = new_line (slice->start, slice->length);

  func (message, &line, user_data);
  if (line != NULL)
    g_string_free (line, TRUE);
}

gboolean
bfy_bridge_reply_foreach (
    const char *text, gsize length, BfyBridgeReplyFunc func, gpointer user_data, GError **error)
{
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text, length, error);
  BfyJsonSlice root;
  BfyJsonSlice element;
  BfyJsonIter iter;

  if (rpc == NULL)
    return FALSE;

  bfy_json_slice_root (text, length, &root);
  if (!bfy_rpc_is_batch (rpc))
    {
      report_one (bfy_rpc_message (rpc, 0), &root, func, user_data);
      return TRUE;
    }

  bfy_json_iter_init (&iter, &root);
  for (guint i = 0; bfy_json_iter_next (&iter, NULL, &element); i++)
    report_one (bfy_rpc_message (rpc, i), &element, func, user_data);

  return TRUE;
}

GString *
bfy_bridge_reply_adopt (const char *text, gsize length, const char *id)
{
  BfyJsonSlice root;
  BfyJsonSlice member;
  BfyJsonSlice error;
  GString *line;

  bfy_json_slice_root (text, length, &root);
  if (!bfy_json_slice_member (&root, "error", &error) ||
      (bfy_json_slice_member (&root, "id", &member) && member.type != BFY_JSON_NULL))
    return NULL;

  line = g_string_sized_new (length + strlen (id));
  g_string_append (line, "{\"jsonrpc\":\"2.0\",\"id\":");
  g_string_append (line, id);
  g_string_append (line, ",\"error\":");
  bfy_minify_append (line, error.start, error.length);
  g_string_append_c (line, '}');
  return line;
}

/* 0 when @text is no error. */
static gint64
error_code_of (const char *text, gsize length)
{
  BfyJsonSlice root;
  BfyJsonSlice error;
  BfyJsonSlice code;
  g_autofree char *digits = NULL;

  bfy_json_slice_root (text, length, &root);
  if (!bfy_json_slice_member (&root, "error", &error) ||
      !bfy_json_slice_member (&error, "code", &code) || code.type != BFY_JSON_NUMBER)
    return 0;

  digits = g_strndup (code.start, code.length);
  return g_ascii_strtoll (digits, NULL, 10);
}

gboolean
bfy_bridge_reply_is_modern_error (const char *text, gsize length)
{
  gint64 code = error_code_of (text, length);

  return code >= MODERN_ERROR_FIRST && code <= MODERN_ERROR_LAST;
}

gboolean
bfy_bridge_reply_is_header_mismatch (const char *text, gsize length)
{
  return error_code_of (text, length) == HEADER_MISMATCH;
}

static gboolean
find_cursor (const char *text, gsize length, BfyJsonSlice *cursor)
{
  BfyJsonSlice root;
  BfyJsonSlice result;

  bfy_json_slice_root (text, length, &root);
  return bfy_json_slice_member (&root, "result", &result) &&
         bfy_json_slice_member (&result, "nextCursor", cursor) && cursor->type == BFY_JSON_STRING;
}

gboolean
bfy_bridge_reply_has_next_page (const char *text, gsize length)
{
  BfyJsonSlice cursor;

  return find_cursor (text, length, &cursor);
}

GString *
bfy_bridge_reply_new_list (const char *request,
                           gsize request_length,
                           const char *page,
                           gsize page_length)
{
  GString *line = g_string_new ("{\"jsonrpc\":\"2.0\",\"id\":\"bindify\",\"method\":\"tools/list\","
                                "\"params\":{");
  const char *separator = "";
  BfyJsonSlice root;
  BfyJsonSlice params;
  BfyJsonSlice slice;

  bfy_json_slice_root (request, request_length, &root);
  if (bfy_json_slice_member (&root, "params", &params) &&
      bfy_json_slice_member (&params, "_meta", &slice))
    {
      g_string_append (line, "\"_meta\":");
      g_string_append_len (line, slice.start, (gssize) slice.length);
      separator = ",";
    }
  if (page != NULL && find_cursor (page, page_length, &slice))
    {
      g_string_append_printf (line, "%s\"cursor\":", separator);
      g_string_append_len (line, slice.start, (gssize) slice.length);
    }
  g_string_append (line, "}}");
  return line;
}

char *
bfy_bridge_reply_dup_version (const char *text, gsize length)
{
  BfyJsonSlice root;
  BfyJsonSlice result;
  BfyJsonSlice version;

  bfy_json_slice_root (text, length, &root);
  if (!bfy_json_slice_member (&root, "result", &result) ||
      !bfy_json_slice_member (&result, "protocolVersion", &version))
    return NULL;

  return bfy_json_slice_dup_string (&version);
}

char *
bfy_bridge_reply_dup_cancelled_id (const char *text, gsize length)
{
  BfyJsonSlice root;
  BfyJsonSlice params;
  BfyJsonSlice id;

  bfy_json_slice_root (text, length, &root);
  if (!bfy_json_slice_member (&root, "params", &params) ||
      !bfy_json_slice_member (&params, "requestId", &id) ||
      (id.type != BFY_JSON_STRING && id.type != BFY_JSON_NUMBER))
    return NULL;

  return g_strndup (id.start, id.length);
}

GString *
bfy_bridge_reply_error (const char *id, BfyErrorCode code, const char *message)
{
  return take_line (bfy_rpc_format_error (id, code, message));
}

GString *
bfy_bridge_reply_not_found_method (const char *id)
{
  GString *line = g_string_new ("{\"jsonrpc\":\"2.0\",\"id\":");

  g_string_append (line, id);
  g_string_append (line, ",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}");
  return line;
}

GString *
bfy_bridge_reply_cancelled (const char *id, const char *reason)
{
  GString *line = g_string_new ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                                "\"params\":{\"requestId\":");

  g_string_append (line, id);
  g_string_append (line, ",\"reason\":");
  bfy_json_append_string (line, reason, -1);
  g_string_append (line, "}}");
  return line;
}
