/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/rewrite/rewrite.h"

#include <string.h>

#include "client/rewrite/rewrite-private.h"
#include "protocol/error.h"

/* Cuts */

static void
cut_clear (gpointer data)
{
  g_free (((BfyCut *) data)->instead);
}

void
bfy_rewrite_cut (BfyRewrite *self, gsize begin, gsize end, char *instead)
{
  BfyCut cut = { begin, end, instead };

  g_array_append_val (self->cuts, cut);
}

gsize
bfy_rewrite_line_begin (const BfyRewrite *self, gsize at)
{
  while (at > 0 && self->text[at - 1] != '\n')
    at--;

  return at;
}

gsize
bfy_rewrite_line_end (const BfyRewrite *self, gsize at)
{
  const char *end = strchr (self->text + at, '\n');

  return end != NULL ? (gsize) (end + 1 - self->text) : self->length;
}

gsize
bfy_rewrite_back (const BfyRewrite *self, gsize at)
{
  while (at > 0 && (self->text[at - 1] == ' ' || self->text[at - 1] == '\t'))
    at--;
  if (at > 0 && self->text[at - 1] == '\n')
    at -= at > 1 && self->text[at - 2] == '\r' ? 2 : 1;

  return at;
}

char *
bfy_rewrite_indent (const BfyRewrite *self, gsize at)
{
  const char *line = self->text + bfy_rewrite_line_begin (self, at);

  return g_strndup (line, strspn (line, " \t"));
}

gboolean
bfy_rewrite_begins_line (const BfyRewrite *self, gsize at)
{
  gsize line = bfy_rewrite_line_begin (self, at);

  return line + strspn (self->text + line, " \t") == at;
}

gboolean
bfy_rewrite_refuse (GError **error)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
               "The entry is written in a way that bindify does not change");

  return FALSE;
}

static int
compare_cuts (gconstpointer a, gconstpointer b)
{
  const BfyCut *left = a;
  const BfyCut *right = b;

  return (left->begin > right->begin) - (left->begin < right->begin);
}

static char *
apply (BfyRewrite *self)
{
  g_autoptr (GString) out = g_string_sized_new (self->length + 512);
  gsize at = 0;

  g_array_sort (self->cuts, compare_cuts);
  for (guint i = 0; i < self->cuts->len; i++)
    {
      const BfyCut *cut = &g_array_index (self->cuts, BfyCut, i);

      if (cut->begin < at || cut->end < cut->begin)
        return NULL;
      g_string_append_len (out, self->text + at, (gssize) (cut->begin - at));
      if (cut->instead != NULL)
        g_string_append (out, cut->instead);
      at = cut->end;
    }
  g_string_append (out, self->text + at);

  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* Values */

void
bfy_rewrite_append_quoted (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_printf (out, "\\%c", *p);
      else if ((guchar) *p < 0x20 || *p == 0x7f)
        g_string_append_printf (out, "\\u%04x", (guint) *p);
      else
        g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

static void
append_object (GString *out, JsonObject *object)
{
  JsonObjectIter iter;
  const char *name;
  const char *comma = "";
  JsonNode *value;

  g_string_append (out, "{");
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      g_string_append (out, comma);
      bfy_rewrite_append_quoted (out, name);
      g_string_append (out, ": ");
      bfy_rewrite_append_flow (out, value);
      comma = ", ";
    }
  g_string_append (out, "}");
}

void
bfy_rewrite_append_scalar (GString *out, JsonNode *value)
{
  if (JSON_NODE_HOLDS_NULL (value))
    g_string_append (out, "null");
  else if (json_node_get_value_type (value) == G_TYPE_STRING)
    bfy_rewrite_append_quoted (out, json_node_get_string (value));
  else if (json_node_get_value_type (value) == G_TYPE_BOOLEAN)
    g_string_append (out, json_node_get_boolean (value) ? "true" : "false");
  else
    g_string_append_printf (out, "%" G_GINT64_FORMAT, json_node_get_int (value));
}

void
bfy_rewrite_append_flow (GString *out, JsonNode *value)
{
  JsonArray *array;

  if (JSON_NODE_HOLDS_OBJECT (value))
    append_object (out, json_node_get_object (value));
  else if (JSON_NODE_HOLDS_ARRAY (value))
    {
      array = json_node_get_array (value);
      g_string_append_c (out, '[');
      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          g_string_append (out, i > 0 ? ", " : "");
          bfy_rewrite_append_flow (out, json_array_get_element (array, i));
        }
      g_string_append_c (out, ']');
    }
  else
    bfy_rewrite_append_scalar (out, value);
}

/* Takes @result. @value: what @path should say now, or NULL for nothing. */
static char *
check_result (
    BfyRewrite *self, char *result, const char *const *path, JsonNode *value, GError **error)
{
  g_autofree char *text = result;
  g_autoptr (BfyPlace) root =
      text != NULL ? bfy_place_parse (self->form, text, strlen (text), NULL) : NULL;
  gboolean is_item = g_str_equal (path[g_strv_length ((GStrv) path) - 1], "-");
  BfyPlace *place = root != NULL && !is_item ? bfy_place_find (root, path) : NULL;
  gboolean is_right =
      root != NULL && bfy_rewrite_is_same (self->root, root, path) &&
      (is_item || (value != NULL ? place != NULL && bfy_rewrite_says (place, value) : TRUE));

  if (!is_right)
    {
      bfy_rewrite_refuse (error);
      return NULL;
    }

  return g_steal_pointer (&text);
}

/* Doing it */

static void
rewrite_clear (BfyRewrite *self)
{
  g_clear_pointer (&self->root, bfy_place_free);
  g_clear_pointer (&self->cuts, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyRewrite, rewrite_clear)

static gboolean
begin (BfyRewrite *self, BfyForm form, const char *text, GError **error)
{
  gsize length = strlen (text);

  self->form = form;
  self->text = text;
  self->length = length;
  self->line_end = strstr (text, "\r\n") != NULL ? "\r\n" : "\n";
  self->cuts = g_array_new (FALSE, FALSE, sizeof (BfyCut));
  g_array_set_clear_func (self->cuts, cut_clear);
  self->root = bfy_place_parse (form, text, length, error);

  return self->root != NULL;
}

/* @value, inside what the names of @path say. */
static JsonNode *
wrap (const char *const *path, JsonNode *value)
{
  JsonObject *object;
  JsonNode *node;

  if (*path == NULL)
    return json_node_copy (value);
  object = json_object_new ();
  json_object_set_member (object, *path, wrap (path + 1, value));
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);

  return node;
}

/* The deepest place of the path that is there; *@n_known: how many names led to it. */
static BfyPlace *
find_known (BfyPlace *root, const char *const *path, guint *n_known)
{
  BfyPlace *place = root;

  for (*n_known = 0; path[*n_known] != NULL; (*n_known)++)
    {
      const char *const step[] = { path[*n_known], NULL };
      BfyPlace *next = bfy_place_find (place, step);

      if (next == NULL)
        break;
      place = next;
    }

  return place;
}

static gboolean
insert (BfyRewrite *self,
        BfyPlace *place,
        const char *const *path,
        guint n_known,
        JsonNode *value,
        GError **error)
{
  g_autoptr (JsonNode) wrapped = wrap (path + n_known + 1, value);

  switch (self->form)
    {
    case BFY_FORM_JSON:
      return bfy_rewrite_json_insert (self, place, path[n_known], wrapped, error);
    case BFY_FORM_TOML:
      return bfy_rewrite_toml_insert (self, path, n_known, value, error);
    case BFY_FORM_YAML:
      return bfy_rewrite_yaml_insert (self, place, path[n_known], wrapped, error);
    }

  g_return_val_if_reached (FALSE);
}

static gboolean
replace (
    BfyRewrite *self, BfyPlace *place, const char *const *path, JsonNode *value, GError **error)
{
  switch (self->form)
    {
    case BFY_FORM_JSON:
      return bfy_rewrite_json_replace (self, place, value);
    case BFY_FORM_TOML:
      return bfy_rewrite_toml_replace (self, path, place, value, error);
    case BFY_FORM_YAML:
      return bfy_rewrite_yaml_replace (self, place, value);
    }

  g_return_val_if_reached (FALSE);
}

char *
bfy_rewrite_set (
    BfyForm form, const char *text, const char *const *path, JsonNode *value, GError **error)
{
  g_auto (BfyRewrite) self = { 0 };
  BfyPlace *place;
  guint n_known;

  if (!begin (&self, form, text, error))
    return NULL;
  place = find_known (self.root, path, &n_known);
  if (path[n_known] == NULL ? !replace (&self, place, path, value, error)
                            : !insert (&self, place, path, n_known, value, error))
    return NULL;

  return check_result (&self, apply (&self), path, value, error);
}

static BfyPlace *
find_parent (BfyPlace *root, const char *const *path)
{
  g_auto (GStrv) way = g_strdupv ((GStrv) path);
  guint n = g_strv_length (way);

  g_clear_pointer (&way[n - 1], g_free);

  return bfy_place_find (root, (const char *const *) way);
}

char *
bfy_rewrite_remove (BfyForm form, const char *text, const char *const *path, GError **error)
{
  g_auto (BfyRewrite) self = { 0 };
  BfyPlace *place;
  BfyPlace *parent;
  gboolean is_done = FALSE;

  if (!begin (&self, form, text, error))
    return NULL;
  place = bfy_place_find (self.root, path);
  if (place == NULL)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, "The entry is not there");
      return NULL;
    }
  parent = find_parent (self.root, path);
  switch (form)
    {
    case BFY_FORM_JSON:
      is_done = bfy_rewrite_json_remove (&self, parent, place);
      break;
    case BFY_FORM_TOML:
      is_done = bfy_rewrite_toml_remove (&self, place, error);
      break;
    case BFY_FORM_YAML:
      is_done = bfy_rewrite_yaml_remove (&self, parent, place);
      break;
    }

  return is_done ? check_result (&self, apply (&self), path, NULL, error) : NULL;
}
