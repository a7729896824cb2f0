/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/mcp-header.h"

#include <string.h>

#define SENTINEL_PREFIX "=?base64?"
#define SENTINEL_SUFFIX "?="
#define TOKEN_BYTES_MAX 4096

static const struct
{
  const char *method;
  gsize offset; /* of the member that names what the method works on */
} name_members[] = {
  { "tools/call", G_STRUCT_OFFSET (BfyRpcMessage, name) },
  { "prompts/get", G_STRUCT_OFFSET (BfyRpcMessage, name) },
  { "resources/read", G_STRUCT_OFFSET (BfyRpcMessage, uri) },
  { "tasks/get", G_STRUCT_OFFSET (BfyRpcMessage, task_id) },
  { "tasks/update", G_STRUCT_OFFSET (BfyRpcMessage, task_id) },
  { "tasks/cancel", G_STRUCT_OFFSET (BfyRpcMessage, task_id) },
};

static gboolean
is_visible_ascii (const char *text, gboolean may_hold_spaces)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isgraph (*p) && !(may_hold_spaces && *p == ' '))
        return FALSE;
    }

  return *text != '\0';
}

char *
bfy_mcp_header_encode (const char *value)
{
  gboolean looks_encoded =
      g_str_has_prefix (value, SENTINEL_PREFIX) && g_str_has_suffix (value, SENTINEL_SUFFIX);
  g_autofree char *base64 = NULL;

  if (is_visible_ascii (value, TRUE) && !looks_encoded && value[0] != ' ' &&
      !g_str_has_suffix (value, " "))
    return g_strdup (value);

  base64 = g_base64_encode ((const guchar *) value, strlen (value));
  return g_strconcat (SENTINEL_PREFIX, base64, SENTINEL_SUFFIX, NULL);
}

const char *
bfy_mcp_header_name_of (const BfyRpcMessage *message)
{
  for (guint i = 0; i < G_N_ELEMENTS (name_members); i++)
    {
      if (g_strcmp0 (message->method, name_members[i].method) == 0)
        return G_STRUCT_MEMBER (const char *, message, name_members[i].offset);
    }

  return NULL;
}

gboolean
bfy_mcp_header_is_token (const char *id)
{
  return strlen (id) <= TOKEN_BYTES_MAX && is_visible_ascii (id, FALSE);
}

gboolean
bfy_mcp_header_is_event_id (const char *id)
{
  for (const char *p = id; *p != '\0'; p++)
    {
      if (g_ascii_iscntrl (*p))
        return FALSE;
    }

  return *id != '\0' && strlen (id) <= TOKEN_BYTES_MAX;
}
