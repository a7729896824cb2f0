/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "client/rewrite/rewrite-private.h"

#define BARE "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

static void
append_name (GString *out, const char *name)
{
  if (*name != '\0' && name[strspn (name, BARE)] == '\0')
    g_string_append (out, name);
  else
    bfy_rewrite_append_quoted (out, name);
}

static void
append_inline (GString *out, JsonNode *value)
{
  JsonObjectIter iter;
  const char *name;
  const char *comma = " ";
  JsonNode *member;

  if (!JSON_NODE_HOLDS_OBJECT (value))
    {
      bfy_rewrite_append_flow (out, value);
      return;
    }
  g_string_append_c (out, '{');
  json_object_iter_init_ordered (&iter, json_node_get_object (value));
  while (json_object_iter_next_ordered (&iter, &name, &member))
    {
      g_string_append (out, comma);
      append_name (out, name);
      g_string_append (out, " = ");
      append_inline (out, member);
      comma = ", ";
    }
  g_string_append (out, " }");
}

/* [HEADER] and its lines, then the tables within it. */
static void
append_table (const BfyRewrite *self, GString *out, const char *header, JsonObject *table)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  g_string_append_printf (out, "[%s]%s", header, self->line_end);
  json_object_iter_init_ordered (&iter, table);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      if (JSON_NODE_HOLDS_OBJECT (value))
        continue;
      append_name (out, name);
      g_string_append (out, " = ");
      bfy_rewrite_append_flow (out, value);
      g_string_append (out, self->line_end);
    }
  json_object_iter_init_ordered (&iter, table);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      g_autoptr (GString) inner = g_string_new (header);

      if (!JSON_NODE_HOLDS_OBJECT (value))
        continue;
      g_string_append_c (inner, '.');
      append_name (inner, name);
      g_string_append (out, self->line_end);
      append_table (self, out, inner->str, json_node_get_object (value));
    }
}

static char *
format_table (const BfyRewrite *self, const char *const *path, JsonNode *value)
{
  g_autoptr (GString) header = g_string_new (NULL);
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; path[i] != NULL; i++)
    {
      g_string_append (header, i > 0 ? "." : "");
      append_name (header, path[i]);
    }
  append_table (self, out, header->str, json_node_get_object (value));

  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* TOML has no null. */
static gboolean
can_be_said (JsonNode *value)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  if (!JSON_NODE_HOLDS_OBJECT (value))
    return !JSON_NODE_HOLDS_NULL (value);
  json_object_iter_init_ordered (&iter, json_node_get_object (value));
  while (json_object_iter_next_ordered (&iter, &name, &member))
    if (!can_be_said (member))
      return FALSE;

  return TRUE;
}

/* A new table comes last, behind an empty line. */
gboolean
bfy_rewrite_toml_insert (
    BfyRewrite *self, const char *const *path, guint n_known, JsonNode *value, GError **error)
{
  BfyPlace *place = self->root;
  const char *gap = "";
  g_autofree char *table = NULL;

  for (guint i = 0; i < n_known; i++)
    {
      place = bfy_place_find_member (place, path[i]);
      if (place == NULL || place->kind != BFY_PLACE_MAP || place->is_flow)
        return bfy_rewrite_refuse (error);
    }
  if (!JSON_NODE_HOLDS_OBJECT (value) || !can_be_said (value))
    return bfy_rewrite_refuse (error);
  if (self->length > 0 && self->text[self->length - 1] != '\n')
    gap = self->line_end;
  table = format_table (self, path, value);
  bfy_rewrite_cut (self, self->length, self->length,
                   g_strconcat (gap, self->length > 0 ? self->line_end : "", table, NULL));

  return TRUE;
}

static gboolean
has_table (const BfyPlace *place)
{
  if (place->is_table)
    return TRUE;
  for (guint i = 0; place->kind == BFY_PLACE_MAP && i < place->children->len; i++)
    if (has_table (g_ptr_array_index (place->children, i)))
      return TRUE;

  return FALSE;
}

/* The lines of a table, with the empty line before them where the file ends behind. */
static void
cut_table (BfyRewrite *self, const BfyPlace *place, char *instead)
{
  gsize begin = bfy_rewrite_line_begin (self, place->begin);
  gsize end = bfy_rewrite_line_end (self, place->end);

  if (instead == NULL && end + strspn (self->text + end, " \t\r\n") == self->length)
    {
      gsize before = bfy_rewrite_back (self, begin);

      if (before == 0 || self->text[before - 1] == '\n')
        begin = before;
    }
  bfy_rewrite_cut (self, begin, end, instead);
}

/* TRUE when all of it is lines of tables. @instead is taken by the first. */
static gboolean
cut_tables (BfyRewrite *self, const BfyPlace *place, char **instead)
{
  if (place->is_flow || place->kind != BFY_PLACE_MAP)
    return place->is_flow || place->kind != BFY_PLACE_LIST;
  if (place->is_table)
    cut_table (self, place, g_steal_pointer (instead));
  for (guint i = 0; i < place->children->len; i++)
    {
      const BfyPlace *child = g_ptr_array_index (place->children, i);

      if (!place->is_table && !has_table (child))
        return FALSE;
      if (!cut_tables (self, child, instead))
        return FALSE;
    }

  return TRUE;
}

gboolean
bfy_rewrite_toml_replace (
    BfyRewrite *self, const char *const *path, BfyPlace *place, JsonNode *value, GError **error)
{
  g_autoptr (GString) out = NULL;
  g_autofree char *table = NULL;

  if (!can_be_said (value))
    return bfy_rewrite_refuse (error);
  if (has_table (place))
    {
      if (!JSON_NODE_HOLDS_OBJECT (value))
        return bfy_rewrite_refuse (error);
      table = format_table (self, path, value);
      return cut_tables (self, place, &table) || bfy_rewrite_refuse (error);
    }
  if (place->kind == BFY_PLACE_MAP && !place->is_flow)
    return bfy_rewrite_refuse (error);

  out = g_string_new (NULL);
  append_inline (out, value);
  bfy_rewrite_cut (self, place->begin, place->end, g_strdup (out->str));

  return TRUE;
}

gboolean
bfy_rewrite_toml_remove (BfyRewrite *self, BfyPlace *place, GError **error)
{
  char *nothing = NULL;

  if (has_table (place))
    return cut_tables (self, place, &nothing) || bfy_rewrite_refuse (error);
  if ((place->kind == BFY_PLACE_MAP && !place->is_flow) ||
      !bfy_rewrite_begins_line (self, place->entry))
    return bfy_rewrite_refuse (error);
  bfy_rewrite_cut (self, bfy_rewrite_line_begin (self, place->entry),
                   bfy_rewrite_line_end (self, place->end), NULL);

  return TRUE;
}
