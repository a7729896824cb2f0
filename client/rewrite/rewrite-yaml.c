/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "client/rewrite/rewrite-private.h"

#define UNIT 2

static gboolean
is_safe_plain (const char *text)
{
  static const char *const words[] = { "true", "false", "null", "yes", "no",
                                       "on",   "off",   "y",    "n",   NULL };
  g_autofree char *lower = g_ascii_strdown (text, -1);

  return g_regex_match_simple ("^[A-Za-z/_][A-Za-z0-9/_.+-]*\\z", text, 0, 0) &&
         !g_strv_contains (words, lower);
}

static void
append_scalar (GString *out, JsonNode *value)
{
  const char *text =
      JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING
          ? json_node_get_string (value)
          : NULL;

  if (text != NULL && is_safe_plain (text))
    g_string_append (out, text);
  else
    bfy_rewrite_append_flow (out, value);
}

static void
append_name (GString *out, const char *name)
{
  if (is_safe_plain (name))
    g_string_append (out, name);
  else
    bfy_rewrite_append_quoted (out, name);
}

static void append_members (const BfyRewrite *self, GString *out, JsonObject *object, gsize column);

static void
append_items (const BfyRewrite *self, GString *out, JsonArray *array, gsize column)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_string_append_printf (out, "%s%*s- ", self->line_end, (int) column, "");
      append_scalar (out, json_array_get_element (array, i));
    }
}

/* Behind “NAME:”. */
static void
append_value (const BfyRewrite *self, GString *out, JsonNode *value, gsize column)
{
  if (JSON_NODE_HOLDS_OBJECT (value) && json_object_get_size (json_node_get_object (value)) > 0)
    {
      g_string_append (out, self->line_end);
      append_members (self, out, json_node_get_object (value), column + UNIT);
    }
  else if (JSON_NODE_HOLDS_ARRAY (value) && json_array_get_length (json_node_get_array (value)) > 0)
    append_items (self, out, json_node_get_array (value), column + UNIT);
  else
    {
      g_string_append_c (out, ' ');
      append_scalar (out, value);
    }
}

/* The lines, the last one without its end; the first one too begins with its blanks. */
static void
append_members (const BfyRewrite *self, GString *out, JsonObject *object, gsize column)
{
  JsonObjectIter iter;
  const char *name;
  const char *line_end = "";
  JsonNode *value;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      g_string_append_printf (out, "%s%*s", line_end, (int) column, "");
      append_name (out, name);
      g_string_append_c (out, ':');
      append_value (self, out, value, column);
      line_end = self->line_end;
    }
}

static gsize
column_of (const BfyRewrite *self, gsize at)
{
  return at - bfy_rewrite_line_begin (self, at);
}

/* A member, or an item "-", at a column. */
static char *
format_entry (const BfyRewrite *self, const char *name, JsonNode *value, gsize column)
{
  g_autoptr (GString) out = g_string_new (NULL);

  g_string_append_printf (out, "%*s", (int) column, "");
  if (!g_str_equal (name, "-"))
    {
      append_name (out, name);
      g_string_append_c (out, ':');
      append_value (self, out, value, column);
    }
  else if (JSON_NODE_HOLDS_OBJECT (value))
    {
      g_autoptr (GString) members = g_string_new (NULL);

      append_members (self, members, json_node_get_object (value), column + UNIT);
      g_string_append_printf (out, "- %s", members->str + column + UNIT);
    }
  else
    {
      g_string_append (out, "- ");
      append_scalar (out, value);
    }

  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* Behind the line in which @at lies. */
static void
add_lines (BfyRewrite *self, gsize at, char *lines)
{
  g_autofree char *owned = lines;
  gsize end = bfy_rewrite_line_end (self, at);
  gboolean is_open = end > 0 && self->text[end - 1] != '\n';

  bfy_rewrite_cut (self, end, end,
                   is_open ? g_strconcat (self->line_end, owned, NULL)
                           : g_strconcat (owned, self->line_end, NULL));
}

static gboolean
insert_into_flow (BfyRewrite *self, BfyPlace *parent, const char *name, JsonNode *value)
{
  const BfyPlace *last = g_ptr_array_index (parent->children, parent->children->len - 1);
  g_autoptr (GString) out = g_string_new (", ");

  if (!g_str_equal (name, "-"))
    {
      bfy_rewrite_append_quoted (out, name);
      g_string_append (out, ": ");
    }
  bfy_rewrite_append_flow (out, value);
  bfy_rewrite_cut (self, last->end, last->end, g_strdup (out->str));

  return TRUE;
}

static gboolean
is_empty (const BfyPlace *place)
{
  return place->children != NULL ? place->children->len == 0
                                 : place->kind == BFY_PLACE_PLAIN && place->begin == place->end;
}

/* “NAME:” or “NAME: {}” get lines of their own. */
static void
fill (BfyRewrite *self, BfyPlace *parent, const char *name, JsonNode *value)
{
  gsize column = column_of (self, parent->entry) + UNIT;
  g_autofree char *entry = format_entry (self, name, value, column);
  gsize begin = parent->begin;

  if (parent->begin == parent->end)
    {
      add_lines (self, parent->end, g_steal_pointer (&entry));
      return;
    }
  while (begin > 0 && self->text[begin - 1] == ' ')
    begin--;
  bfy_rewrite_cut (self, begin, parent->end, g_strconcat (self->line_end, entry, NULL));
}

gboolean
bfy_rewrite_yaml_insert (
    BfyRewrite *self, BfyPlace *parent, const char *name, JsonNode *value, GError **error)
{
  const BfyPlace *last;

  if (is_empty (parent))
    {
      if (parent == self->root)
        add_lines (self, self->length, format_entry (self, name, value, 0));
      else
        fill (self, parent, name, value);
      return TRUE;
    }
  if (parent->children == NULL || (parent->kind == BFY_PLACE_LIST) != g_str_equal (name, "-"))
    return bfy_rewrite_refuse (error);
  if (parent->is_flow)
    return insert_into_flow (self, parent, name, value);
  last = g_ptr_array_index (parent->children, parent->children->len - 1);
  add_lines (self, last->end, format_entry (self, name, value, column_of (self, last->entry)));

  return TRUE;
}

gboolean
bfy_rewrite_yaml_replace (BfyRewrite *self, BfyPlace *place, JsonNode *value)
{
  g_autofree char *entry = NULL;
  g_autoptr (GString) flow = NULL;
  gsize column = column_of (self, place->entry);
  gboolean is_item = place->name == NULL;

  if (place->is_flow ||
      (place->children == NULL && place->begin < place->end && !JSON_NODE_HOLDS_OBJECT (value)))
    {
      flow = g_string_new (NULL);
      append_scalar (flow, value);
      bfy_rewrite_cut (self, place->begin, place->end, g_strdup (flow->str));
      return TRUE;
    }
  entry = format_entry (self, is_item ? "-" : place->name, value, column);
  bfy_rewrite_cut (self, place->entry, place->end, g_strdup (entry + column));

  return TRUE;
}

/* What would have no entries any more says so. */
gboolean
bfy_rewrite_yaml_remove (BfyRewrite *self, BfyPlace *parent, BfyPlace *place)
{
  gboolean is_only = parent->children->len == 1;

  if (parent->is_flow)
    return bfy_rewrite_json_remove (self, parent, place);
  if (is_only && parent != self->root)
    {
      gsize begin = parent->begin;

      while (begin > 0 && strchr (" \t\r\n", self->text[begin - 1]) != NULL)
        begin--;
      bfy_rewrite_cut (self, begin, parent->end,
                       g_strdup (parent->kind == BFY_PLACE_LIST ? " []" : " {}"));
      return TRUE;
    }
  if (!bfy_rewrite_begins_line (self, place->entry))
    return FALSE;
  bfy_rewrite_cut (self, bfy_rewrite_line_begin (self, place->entry),
                   bfy_rewrite_line_end (self, place->end), NULL);

  return TRUE;
}
