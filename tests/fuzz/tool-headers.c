/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The first line is a tools/list response, the rest the arguments of a call. What is left of the
 * list can be read and has nothing to lose any more, and no header breaks out of its line. */

#include "protocol/tool-headers.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static void
check_header (const char *name, const char *value, gpointer user_data)
{
  guint *n_headers = user_data;

  (*n_headers)++;
  g_assert_true (g_str_has_prefix (name, "Mcp-Param-"));
  g_assert_cmpuint (strlen (value), >, 0);
  g_assert_cmpuint (strlen (value), <=, BFY_PARAM_HEADER_VALUE_BYTES_MAX);
  for (const char *p = name; *p != '\0'; p++)
    g_assert_true (g_ascii_isgraph (*p) && *p != ':');
  for (const char *p = value; *p != '\0'; p++)
    g_assert_true (g_ascii_isgraph (*p) || *p == ' ');
}

static void
check_tool (const BfyToolHeaders *tools, const BfyJsonSlice *tool, const BfyJsonSlice *arguments)
{
  const BfyParamHeaders *headers;
  g_autofree char *name = NULL;
  guint n_headers = 0;
  BfyJsonSlice member;

  if (!bfy_json_slice_member (tool, "name", &member) || member.type != BFY_JSON_STRING)
    return;

  name = bfy_json_slice_dup_string (&member);
  headers = bfy_tool_headers_lookup (tools, name);
  if (headers == NULL)
    return;

  bfy_param_headers_foreach (headers, arguments, check_header, &n_headers);
  g_assert_cmpuint (n_headers, <=, bfy_param_headers_n (headers));
}

static void
check_tools (const BfyToolHeaders *tools, const char *text, gsize length, BfyJsonSlice *arguments)
{
  BfyJsonSlice root, result, list, tool;
  BfyJsonIter iter;

  bfy_json_slice_root (text, length, &root);
  if (!bfy_json_slice_member (&root, "result", &result) ||
      !bfy_json_slice_member (&result, "tools", &list) || list.type != BFY_JSON_ARRAY)
    return;

  bfy_json_iter_init (&iter, &list);
  while (bfy_json_iter_next (&iter, NULL, &tool))
    check_tool (tools, &tool, arguments);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  const char *line_end = memchr (text, '\n', size);
  gsize length = line_end != NULL ? (gsize) (line_end - text) : size;
  g_autofree char *rest = line_end != NULL ? g_strndup (line_end + 1, size - length - 1) : NULL;
  g_autoptr (BfyToolHeaders) tools = bfy_tool_headers_new ();
  g_autoptr (GString) kept = NULL;
  g_autofree char *complaint = NULL;
  g_autofree char *none = NULL;
  BfyJsonSlice arguments;

  if (rest == NULL || !bfy_json_check (text, length, NULL) ||
      !bfy_json_check (rest, strlen (rest), NULL))
    return 0;

  bfy_json_slice_root (rest, strlen (rest), &arguments);
  kept = bfy_tool_headers_learn (tools, text, length, &complaint);
  g_assert_cmpint (kept != NULL, ==, complaint != NULL);
  if (kept != NULL)
    {
      g_assert_true (bfy_json_check (kept->str, kept->len, NULL));
      g_assert_cmpuint (kept->len, <, length);
      g_assert_null (bfy_tool_headers_learn (tools, kept->str, kept->len, &none));
    }
  check_tools (tools, text, length, &arguments);

  return 0;
}
