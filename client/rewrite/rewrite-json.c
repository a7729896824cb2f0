/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "client/rewrite/rewrite-private.h"

#define UNIT_DEFAULT "  "

/* One step of indentation, as the first member on a line of its own shows it. */
static char *
find_unit (const BfyRewrite *self)
{
  for (guint i = 0; i < self->root->children->len; i++)
    {
      const BfyPlace *child = g_ptr_array_index (self->root->children, i);

      if (bfy_rewrite_begins_line (self, child->entry))
        {
          g_autofree char *unit = bfy_rewrite_indent (self, child->entry);

          if (*unit != '\0')
            return g_steal_pointer (&unit);
        }
    }

  return g_strdup (UNIT_DEFAULT);
}

static void
append_value (const BfyRewrite *self, GString *out, JsonNode *value, const char *indent)
{
  g_autofree char *unit = find_unit (self);
  g_autofree char *inner = g_strconcat (indent, unit, NULL);
  const char *comma = "";
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  if (!JSON_NODE_HOLDS_OBJECT (value) || json_object_get_size (json_node_get_object (value)) == 0)
    {
      bfy_rewrite_append_flow (out, value);
      return;
    }
  g_string_append_c (out, '{');
  json_object_iter_init_ordered (&iter, json_node_get_object (value));
  while (json_object_iter_next_ordered (&iter, &name, &member))
    {
      g_string_append_printf (out, "%s%s%s", comma, self->line_end, inner);
      bfy_rewrite_append_quoted (out, name);
      g_string_append (out, ": ");
      append_value (self, out, member, inner);
      comma = ",";
    }
  g_string_append_printf (out, "%s%s}", self->line_end, indent);
}

/* Of a list there are no names. */
static char *
format_entry (
    const BfyRewrite *self, const char *name, JsonNode *value, const char *indent, gboolean is_long)
{
  g_autoptr (GString) out = g_string_new (NULL);

  if (name != NULL)
    {
      bfy_rewrite_append_quoted (out, name);
      g_string_append (out, ": ");
    }
  if (is_long)
    append_value (self, out, value, indent);
  else
    bfy_rewrite_append_flow (out, value);

  return g_string_free (g_steal_pointer (&out), FALSE);
}

static const BfyPlace *
peek_last (const BfyPlace *parent)
{
  return parent->children->len > 0 ? g_ptr_array_index (parent->children, parent->children->len - 1)
                                   : NULL;
}

/* Over blanks, ends of lines and comments. */
static gsize
skip_space (const BfyRewrite *self, gsize at)
{
  for (;;)
    {
      const char *p = self->text + at + strspn (self->text + at, " \t\r\n");
      const char *end = NULL;

      if (g_str_has_prefix (p, "//"))
        end = p + strcspn (p, "\n");
      else if (g_str_has_prefix (p, "/*") && (end = strstr (p + 2, "*/")) != NULL)
        end += 2;
      at = (gsize) ((end != NULL ? end : p) - self->text);
      if (end == NULL)
        return at;
    }
}

/* Behind the last thing in a container, a comment included. */
static gsize
find_inner_end (const BfyRewrite *self, const BfyPlace *parent)
{
  gsize at = parent->end - 1;

  while (at > parent->begin + 1 && strchr (" \t\r\n", self->text[at - 1]) != NULL)
    at--;

  return at;
}

static gboolean
is_on_one_line (const BfyRewrite *self, const BfyPlace *parent, const BfyPlace *last)
{
  return last != NULL &&
         memchr (self->text + parent->begin, '\n', last->entry - parent->begin) == NULL;
}

/* Where the line comment is the last thing, what comes must be on a line of its own. */
gboolean
bfy_rewrite_json_insert (
    BfyRewrite *self, BfyPlace *parent, const char *name, JsonNode *value, GError **error)
{
  const BfyPlace *last;
  g_autofree char *outer = NULL;
  g_autofree char *indent = NULL;
  g_autofree char *unit = find_unit (self);
  g_autofree char *entry = NULL;
  gsize at;
  gboolean has_comma;

  if (parent->kind != BFY_PLACE_MAP && (parent->kind != BFY_PLACE_LIST || !g_str_equal (name, "-")))
    return bfy_rewrite_refuse (error);
  if (parent->kind == BFY_PLACE_LIST)
    name = NULL;
  last = peek_last (parent);
  outer = bfy_rewrite_indent (self, parent->begin);
  if (is_on_one_line (self, parent, last))
    {
      entry = format_entry (self, name, value, "", FALSE);
      bfy_rewrite_cut (self, last->end, last->end, g_strconcat (", ", entry, NULL));
      return TRUE;
    }

  indent = last != NULL && bfy_rewrite_begins_line (self, last->entry)
               ? bfy_rewrite_indent (self, last->entry)
               : g_strconcat (outer, unit, NULL);
  entry = format_entry (self, name, value, indent, TRUE);
  at = find_inner_end (self, parent);
  if (last == NULL)
    {
      bfy_rewrite_cut (self, at, parent->end - 1,
                       g_strconcat (self->line_end, indent, entry, self->line_end, outer, NULL));
      return TRUE;
    }
  has_comma = self->text[skip_space (self, last->end)] == ',';
  if (!has_comma && at > last->end)
    bfy_rewrite_cut (self, last->end, last->end, g_strdup (","));
  bfy_rewrite_cut (self, at, at,
                   g_strconcat (!has_comma && at == last->end ? "," : "", self->line_end, indent,
                                entry, has_comma ? "," : "", NULL));

  return TRUE;
}

gboolean
bfy_rewrite_json_replace (BfyRewrite *self, BfyPlace *place, JsonNode *value)
{
  g_autofree char *indent = bfy_rewrite_indent (self, place->entry);
  g_autoptr (GString) out = g_string_new (NULL);

  if (bfy_rewrite_begins_line (self, place->entry))
    append_value (self, out, value, indent);
  else
    bfy_rewrite_append_flow (out, value);
  bfy_rewrite_cut (self, place->begin, place->end, g_strdup (out->str));

  return TRUE;
}

/* The comma before the last item goes with it; before another one the comma behind it does. */
gboolean
bfy_rewrite_json_remove (BfyRewrite *self, BfyPlace *parent, BfyPlace *place)
{
  guint index = 0;
  gsize begin = bfy_rewrite_back (self, place->entry);
  gsize end = place->end;
  gsize comma = skip_space (self, end);
  gboolean has_comma = self->text[comma] == ',';

  g_ptr_array_find (parent->children, place, &index);
  if (has_comma)
    end = comma + 1;
  if (index + 1 == parent->children->len && index > 0 && !has_comma)
    {
      const BfyPlace *before = g_ptr_array_index (parent->children, index - 1);
      gsize at = skip_space (self, before->end);

      if (at < begin)
        bfy_rewrite_cut (self, at, at + 1, NULL);
      else
        begin = at;
    }
  if (parent->children->len == 1 &&
      begin <= parent->begin + 1 + strspn (self->text + parent->begin + 1, " \t\r\n") &&
      end + strspn (self->text + end, " \t\r\n") == parent->end - 1)
    {
      begin = parent->begin + 1;
      end = parent->end - 1;
    }
  bfy_rewrite_cut (self, begin, end, NULL);

  return TRUE;
}
