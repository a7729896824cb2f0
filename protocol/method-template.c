/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/method-template.h"

#include <string.h>

#define NAME_LENGTH_MAX 64
#define PIECES_MAX 64

static gboolean
is_name (const char *text, gsize length)
{
  if (length == 0 || length > NAME_LENGTH_MAX)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && strchr ("_-.", text[i]) == NULL)
      return FALSE;

  return TRUE;
}

char *
bfy_template_name (const char *text)
{
  gsize length = strlen (text);

  return length > 2 && text[0] == '{' && text[length - 1] == '}' && is_name (text + 1, length - 2)
             ? g_strndup (text + 1, length - 2)
             : NULL;
}

char *
bfy_template_name_of (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? bfy_template_name (json_node_get_string (node))
             : NULL;
}

static void
piece_free (gpointer data)
{
  BfyTemplatePiece *piece = data;

  g_free (piece->text);
  g_free (piece);
}

static void
add_piece (GPtrArray *pieces, const char *text, gsize length, gboolean is_placeholder)
{
  BfyTemplatePiece *piece;

  if (length == 0)
    return;
  piece = g_new0 (BfyTemplatePiece, 1);
  piece->is_name = is_placeholder;
  piece->is_deep = is_placeholder && *text == '+';
  piece->text = piece->is_deep ? g_strndup (text + 1, length - 1) : g_strndup (text, length);
  g_ptr_array_add (pieces, piece);
}

/* Of what stays only plain characters of a path. */
static gboolean
is_plain (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && strchr ("-._~/:@!$&'()*+,=", text[i]) == NULL)
      return FALSE;

  return TRUE;
}

/* Returns what follows, or NULL. */
static const char *
take_placeholder (GPtrArray *pieces, const char *at)
{
  const char *end = strchr (at, '}');
  const char *name = at[1] == '+' ? at + 2 : at + 1;

  if (end == NULL || end < name || !is_name (name, (gsize) (end - name)))
    return NULL;
  add_piece (pieces, at + 1, (gsize) (end - at) - 1, TRUE);

  return end + 1;
}

GPtrArray *
bfy_template_split (const char *path)
{
  g_autoptr (GPtrArray) pieces = g_ptr_array_new_with_free_func (piece_free);

  if (*path != '/')
    return NULL;
  while (path != NULL && *path != '\0' && pieces->len < PIECES_MAX)
    {
      gsize length = strcspn (path, "{");

      if (!is_plain (path, length))
        return NULL;
      add_piece (pieces, path, length, FALSE);
      path += length;
      if (*path == '{')
        path = take_placeholder (pieces, path);
    }

  return path != NULL && *path == '\0' ? g_steal_pointer (&pieces) : NULL;
}

static JsonNode *
fill_object (JsonObject *template, JsonObject *arguments)
{
  g_autoptr (JsonObject) filled = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, template);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonNode *value = bfy_template_fill (node, arguments);

      if (value != NULL)
        json_object_set_member (filled, name, value);
    }
  if (json_object_get_size (filled) == 0 && json_object_get_size (template) > 0)
    return NULL;

  return json_node_init_object (json_node_alloc (), filled);
}

static JsonNode *
fill_array (JsonArray *template, JsonObject *arguments)
{
  g_autoptr (JsonArray) filled = json_array_new ();

  for (guint i = 0; i < json_array_get_length (template); i++)
    {
      JsonNode *value = bfy_template_fill (json_array_get_element (template, i), arguments);

      if (value != NULL)
        json_array_add_element (filled, value);
    }
  if (json_array_get_length (filled) == 0 && json_array_get_length (template) > 0)
    return NULL;

  return json_node_init_array (json_node_alloc (), filled);
}

JsonNode *
bfy_template_fill (JsonNode *template, JsonObject *arguments)
{
  g_autofree char *name = bfy_template_name_of (template);
  JsonNode *value;

  if (JSON_NODE_HOLDS_OBJECT (template))
    return fill_object (json_node_get_object (template), arguments);
  if (JSON_NODE_HOLDS_ARRAY (template))
    return fill_array (json_node_get_array (template), arguments);
  if (name == NULL)
    return json_node_copy (template);
  value = json_object_get_member (arguments, name);

  return value != NULL && !JSON_NODE_HOLDS_NULL (value) ? json_node_copy (value) : NULL;
}

static void
collect_members (JsonObject *object, GHashTable *names)
{
  JsonObjectIter iter;
  JsonNode *node;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, NULL, &node))
    bfy_template_collect (node, names);
}

void
bfy_template_collect (JsonNode *node, GHashTable *names)
{
  char *name = bfy_template_name_of (node);

  if (name != NULL)
    g_hash_table_add (names, name);
  if (JSON_NODE_HOLDS_OBJECT (node))
    collect_members (json_node_get_object (node), names);
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return;
  for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
    bfy_template_collect (json_array_get_element (json_node_get_array (node), i), names);
}
