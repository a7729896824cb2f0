/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The input is one message, of the client or of a server. What the endpoint for all makes of it is
 * JSON on one line with the same id; a name that is shown comes back as the one it was; a list has
 * as many items as have names. */

#include <string.h>

#include "agent/all/filter.h"
#include "agent/all/name.h"
#include "agent/all/splice.h"
#include "agent/all/summary.h"
#include "agent/all/target.h"
#include "agent/all/translate.h"
#include "tests/fuzz/fuzz.h"

#define PREFIX "notes"

static void
check_text (const char *text, gsize length)
{
  g_assert_cmpuint (strlen (text), ==, length);
  g_assert_null (strpbrk (text, "\r\n"));
  /* What it was nested in already counts, so a text that fits still fits. */
  g_assert_true (bfy_json_check (text, length, NULL));
}

static void
check_name (const char *name)
{
  g_autofree char *shown = bfy_all_name_encode (PREFIX, name);
  g_autofree char *task = bfy_all_task_encode (PREFIX, name);
  g_autofree char *address = bfy_all_uri_encode (PREFIX, name);
  g_autofree char *uri = NULL;
  const char *rest = NULL;
  g_autofree char *prefix = bfy_all_name_split (shown, &rest);
  g_autofree char *of_task = bfy_all_name_split (task, &rest);
  g_autofree char *of_uri = bfy_all_uri_split (address, &uri);

  g_assert_cmpstr (prefix, ==, PREFIX);
  g_assert_cmpuint (strlen (shown), <=, BFY_ALL_NAME_MAX);
  g_assert_true (g_utf8_validate (shown, -1, NULL));
  if (!bfy_all_name_is_short (shown))
    g_assert_cmpstr (shown + strlen (PREFIX "__"), ==, name);
  g_assert_cmpstr (of_task, ==, PREFIX);
  g_assert_cmpstr (rest, ==, name);
  g_assert_cmpstr (of_uri, ==, PREFIX);
  g_assert_cmpstr (uri, ==, name);
}

static void
check_up (const BfyRpcMessage *message, const char *text, gsize size)
{
  g_auto (BfyAllTarget) target = { .kind = BFY_ALL_NOTHING };
  g_autofree char *up = NULL;
  g_autoptr (BfyRpc) back = NULL;
  gsize length;

  if (!bfy_all_target_read (message, &target) || target.shown == NULL)
    return;
  check_name (target.shown);
  g_assert_true (target.inner == NULL || target.prefix != NULL);
  up = bfy_all_translate_up (message, text, size, "in\"ner", &length);
  check_text (up, length);
  back = bfy_rpc_parse (up, length, NULL);
  g_assert_nonnull (back);
  g_assert_cmpstr (bfy_rpc_message (back, 0)->id, ==, message->id);
  g_assert_cmpstr (bfy_rpc_message (back, 0)->method, ==, message->method);
}

static void
check_lists (const BfyJsonSlice *root)
{
  static const char *const methods[] = { "tools/list", "prompts/list", "resources/list",
                                         "resources/templates/list" };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      const BfyAllList *list = bfy_all_list_find (methods[i]);
      g_autoptr (GString) items = g_string_new ("[");
      g_autofree char *cursor = NULL;

      items->len = 0;
      if (!bfy_all_list_read (list, PREFIX, root, items, &cursor))
        continue;
      g_string_prepend_c (items, '[');
      g_string_append_c (items, ']');
      check_text (items->str, items->len);
      if (cursor != NULL)
        g_assert_true (bfy_json_check (cursor, strlen (cursor), NULL));
    }
}

static void
check_down (const char *text, gsize size)
{
  static const char *const methods[] = { "tools/call", "prompts/get", "resources/read",
                                         "tasks/get" };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      gsize length;
      g_autofree char *down = bfy_all_translate_down (methods[i], PREFIX, text, size, &length);

      if (down != NULL)
        check_text (down, length);
    }
}

static void
check_summary (const BfyJsonSlice *root)
{
  BfyAllShare share = { .name = PREFIX };
  g_autoptr (GPtrArray) shares = g_ptr_array_new ();
  g_autofree char *discover = NULL;
  BfyAllFilter filter;
  g_autofree char *formatted = NULL;

  bfy_all_share_init (&share, PREFIX);
  g_ptr_array_add (shares, &share);
  bfy_all_share_read_ttl (&share, root);
  bfy_all_share_read_discover (&share, root);
  discover = bfy_all_summary_discover (shares);
  check_text (discover, strlen (discover));
  bfy_all_share_clear (&share);

  bfy_all_filter_init (&filter);
  bfy_all_filter_read (&filter, root);
  formatted = bfy_all_filter_format (&filter, PREFIX);
  check_text (formatted, strlen (formatted));
  bfy_all_filter_clear (&filter);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text, size, NULL);
  BfyJsonSlice root;

  if (!bfy_json_check (text, size, NULL))
    return 0;

  bfy_json_slice_root (text, size, &root);
  check_lists (&root);
  check_down (text, size);
  check_summary (&root);
  if (rpc != NULL && !bfy_rpc_is_batch (rpc))
    check_up (bfy_rpc_message (rpc, 0), text, size);

  return 0;
}
