/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/tool-headers.h"

#include "protocol/error.h"

struct _BfyToolHeaders
{
  GHashTable *tools; /* (owned) (element-type utf8 BfyParamHeaders) those that declare something */
};

BfyToolHeaders *
bfy_tool_headers_new (void)
{
  BfyToolHeaders *self = g_new0 (BfyToolHeaders, 1);

  self->tools = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify) bfy_param_headers_free);
  return self;
}

void
bfy_tool_headers_free (BfyToolHeaders *self)
{
  g_hash_table_unref (self->tools);
  g_free (self);
}

const BfyParamHeaders *
bfy_tool_headers_lookup (const BfyToolHeaders *self, const char *tool)
{
  return g_hash_table_lookup (self->tools, tool);
}

void
bfy_tool_headers_forget (BfyToolHeaders *self, const char *tool)
{
  g_hash_table_remove (self->tools, tool);
}

static void
remember (BfyToolHeaders *self, const char *name, BfyParamHeaders *taken)
{
  g_autoptr (BfyParamHeaders) headers = taken;

  bfy_tool_headers_forget (self, name);
  if (headers != NULL && bfy_param_headers_n (headers) > 0 &&
      g_hash_table_size (self->tools) < BFY_TOOL_HEADERS_MAX)
    g_hash_table_insert (self->tools, g_strdup (name), g_steal_pointer (&headers));
}

/* FALSE when the tool must not be offered. */
static gboolean
learn_tool (BfyToolHeaders *self, const BfyJsonSlice *tool, GError **error)
{
  g_autoptr (BfyParamHeaders) headers = NULL;
  g_autofree char *name = NULL;
  BfyJsonSlice member;
  gboolean is_good = TRUE;

  if (bfy_json_slice_member (tool, "name", &member))
    name = bfy_json_slice_dup_string (&member);
  if (bfy_json_slice_member (tool, "inputSchema", &member))
    {
      headers = bfy_param_headers_parse (&member, error);
      is_good = headers != NULL;
    }
  if (name != NULL)
    remember (self, name, g_steal_pointer (&headers));

  return is_good;
}

static void
append_element (GString *out, const BfyJsonSlice *element)
{
  if (out->str[out->len - 1] != '[')
    g_string_append_c (out, ',');
  g_string_append_len (out, element->start, (gssize) element->length);
}

GString *
bfy_tool_headers_learn (BfyToolHeaders *self, const char *text, gsize length, char **complaint)
{
  g_autoptr (GString) out = g_string_sized_new (length);
  g_autoptr (GError) reason = NULL;
  guint n_refused = 0;
  BfyJsonSlice root, result, tools, tool;
  BfyJsonIter iter;

  bfy_json_slice_root (text, length, &root);
  if (!bfy_json_slice_member (&root, "result", &result) ||
      !bfy_json_slice_member (&result, "tools", &tools) || tools.type != BFY_JSON_ARRAY)
    return NULL;

  g_string_append_len (out, text, tools.start - text);
  g_string_append_c (out, '[');
  bfy_json_iter_init (&iter, &tools);
  while (bfy_json_iter_next (&iter, NULL, &tool))
    {
      if (learn_tool (self, &tool, n_refused == 0 ? &reason : NULL))
        append_element (out, &tool);
      else
        n_refused++;
    }
  g_string_append_c (out, ']');
  g_string_append_len (out, tools.start + tools.length,
                       (gssize) (text + length - (tools.start + tools.length)));
  if (n_refused == 0)
    return NULL;

  *complaint =
      g_strdup_printf ("%u of the server’s tools cannot be offered: of x-mcp-header in the "
                       "first, %s",
                       n_refused, reason->message);
  return g_steal_pointer (&out);
}
