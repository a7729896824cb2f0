/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The first line is what a client has asked, the rest what a server says. Whatever the bridge makes
 * of it for stdout or for a request of its own is one line of JSON-RPC. */

#include "client/bridge-reply.h"

#include <string.h>

#include "protocol/json.h"
#include "tests/fuzz/fuzz.h"

static void
check_line (const GString *line)
{
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (line->str, line->len, NULL);

  g_assert_nonnull (rpc);
  g_assert_false (bfy_rpc_is_batch (rpc));
  g_assert_null (memchr (line->str, '\n', line->len));
  g_assert_null (memchr (line->str, '\r', line->len));
}

static void
take_line (GString *line)
{
  check_line (line);
  g_string_free (line, TRUE);
}

static void
on_message (const BfyRpcMessage *message, GString **line, gpointer user_data)
{
  guint *n_messages = user_data;
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse ((*line)->str, (*line)->len, NULL);

  (*n_messages)++;
  check_line (*line);
  g_assert_cmpint (bfy_rpc_message (rpc, 0)->kind, ==, message->kind);
  g_assert_cmpstr (bfy_rpc_message (rpc, 0)->id, ==, message->id);
}

static void
check_answer (const char *text, gsize length)
{
  G_GNUC_UNUSED g_autofree char *version = bfy_bridge_reply_dup_version (text, length);
  GString *adopted = bfy_bridge_reply_adopt (text, length, "7");

  if (adopted != NULL)
    take_line (adopted);
  if (bfy_bridge_reply_is_header_mismatch (text, length))
    g_assert_true (bfy_bridge_reply_is_modern_error (text, length));
}

static void
check_request (const char *text, gsize length, const char *page, gsize page_length)
{
  g_autofree char *id = bfy_bridge_reply_dup_cancelled_id (text, length);
  GString *list = bfy_bridge_reply_new_list (text, length, page, page_length);
  BfyJsonSlice root, params, cursor;
  gboolean has_cursor;

  bfy_json_slice_root (list->str, list->len, &root);
  has_cursor = bfy_json_slice_member (&root, "params", &params) &&
               bfy_json_slice_member (&params, "cursor", &cursor);
  g_assert_cmpint (has_cursor, ==,
                   page != NULL && bfy_bridge_reply_has_next_page (page, page_length));
  take_line (list);
  if (id != NULL)
    take_line (bfy_bridge_reply_not_found_method (id));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  const char *line_end = memchr (text, '\n', size);
  const char *answer = line_end != NULL ? line_end + 1 : text;
  gsize length = size - (gsize) (answer - text);
  gsize request_length = line_end != NULL ? (gsize) (line_end - text) : 0;
  g_autoptr (BfyRpc) request = bfy_rpc_parse (text, request_length, NULL);
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (answer, length, NULL);
  guint n_messages = 0;
  gboolean is_rpc = bfy_bridge_reply_foreach (answer, length, on_message, &n_messages, NULL);

  g_assert_cmpint (is_rpc, ==, rpc != NULL);
  g_assert_cmpuint (n_messages, ==, rpc != NULL ? bfy_rpc_n_messages (rpc) : 0);
  if (rpc != NULL && !bfy_rpc_is_batch (rpc))
    check_answer (answer, length);
  if (request != NULL && !bfy_rpc_is_batch (request))
    check_request (text, request_length, rpc != NULL ? answer : NULL, rpc != NULL ? length : 0);

  return 0;
}
