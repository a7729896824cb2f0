/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/mirrored.h"

#include "protocol/era.h"
#include "protocol/json.h"

typedef struct
{
  BfyRequest *request; /* borrowed */
  gboolean is_good;
} Check;

/* @expected may be encoded; then the standard encoding is the only one. */
static gboolean
says (const char *value, const char *expected)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (value));

  return bfy_era_header_says (value, expected) || g_str_equal (trimmed, expected);
}

static void
check_one (const char *name, const char *expected, gpointer user_data)
{
  Check *check = user_data;
  const char *value = bfy_request_get_header (check->request, name);

  if (value == NULL || !says (value, expected))
    check->is_good = FALSE;
}

gboolean
bfy_mirrored_check (const BfyToolHeaders *tools, BfyRequest *request, const BfyRpcMessage *message)
{
  const BfyParamHeaders *headers =
      message->name != NULL ? bfy_tool_headers_lookup (tools, message->name) : NULL;
  Check check = { request, TRUE };
  BfyJsonSlice here;
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);

  if (headers == NULL || g_strcmp0 (message->method, "tools/call") != 0)
    return TRUE;
  bfy_json_slice_root (text, length, &here);
  if (bfy_json_slice_member (&here, "params", &here) &&
      bfy_json_slice_member (&here, "arguments", &here))
    bfy_param_headers_foreach (headers, &here, check_one, &check);

  return check.is_good;
}
