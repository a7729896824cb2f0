/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whether a changed text says what it should, and nothing else. */

#include <string.h>

#include "client/rewrite/rewrite-private.h"

static gboolean
says_object (const BfyPlace *place, JsonObject *object)
{
  if (place->kind == BFY_PLACE_PLAIN && json_object_get_size (object) == 0)
    return TRUE;
  if (place->kind != BFY_PLACE_MAP || place->children->len != json_object_get_size (object))
    return FALSE;
  for (guint i = 0; i < place->children->len; i++)
    {
      const BfyPlace *child = g_ptr_array_index (place->children, i);

      if (!json_object_has_member (object, child->name) ||
          !bfy_rewrite_says (child, json_object_get_member (object, child->name)))
        return FALSE;
    }

  return TRUE;
}

static gboolean
says_array (const BfyPlace *place, JsonArray *array)
{
  if (place->kind != BFY_PLACE_LIST || place->children->len != json_array_get_length (array))
    return FALSE;
  for (guint i = 0; i < place->children->len; i++)
    if (!bfy_rewrite_says (g_ptr_array_index (place->children, i),
                           json_array_get_element (array, i)))
      return FALSE;

  return TRUE;
}

gboolean
bfy_rewrite_says (const BfyPlace *place, JsonNode *value)
{
  g_autoptr (GString) plain = NULL;

  if (JSON_NODE_HOLDS_OBJECT (value))
    return says_object (place, json_node_get_object (value));
  if (JSON_NODE_HOLDS_ARRAY (value))
    return says_array (place, json_node_get_array (value));
  if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    return place->kind == BFY_PLACE_TEXT && g_str_equal (place->text, json_node_get_string (value));
  plain = g_string_new (NULL);
  bfy_rewrite_append_scalar (plain, value);

  return place->kind == BFY_PLACE_PLAIN && g_strcmp0 (place->text, plain->str) == 0;
}

static gboolean
is_nothing (const BfyPlace *place)
{
  return (place->kind == BFY_PLACE_PLAIN && (place->text == NULL || *place->text == '\0')) ||
         (place->kind == BFY_PLACE_MAP && place->children->len == 0);
}

/* Nothing stands in @place but what @way leads to. */
static gboolean
is_only_way (const BfyPlace *place, const char *const *way)
{
  const BfyPlace *child;

  if (is_nothing (place) || *way == NULL)
    return TRUE;
  child = place->kind == BFY_PLACE_MAP && place->children->len == 1
              ? g_ptr_array_index (place->children, 0)
              : NULL;

  return child != NULL && g_str_equal (child->name, *way) && is_only_way (child, way + 1);
}

/* Every child of @a but the one that @but leads to is in @b as well. */
static gboolean
has_all (const BfyPlace *a, const BfyPlace *b, const char *const *but)
{
  for (guint i = 0; i < a->children->len; i++)
    {
      const BfyPlace *child = g_ptr_array_index (a->children, i);
      const BfyPlace *other = bfy_place_find_member (b, child->name);
      gboolean is_way = but != NULL && g_strcmp0 (*but, child->name) == 0;

      if (is_way && but[1] == NULL)
        continue;
      if (other == NULL ? !(is_way && is_only_way (child, but + 1))
                        : !bfy_rewrite_is_same (child, other, is_way ? but + 1 : NULL))
        return FALSE;
    }

  return TRUE;
}

/* A list along the way is compared where both have items: those behind a new or lost one are
 * counted only. */
static gboolean
is_same_list (const BfyPlace *a, const BfyPlace *b, const char *const *but)
{
  guint n = MIN (a->children->len, b->children->len);

  if (but == NULL && a->children->len != b->children->len)
    return FALSE;
  if (but != NULL && MAX (a->children->len, b->children->len) - n > 1)
    return FALSE;
  for (guint i = 0; but == NULL && i < n; i++)
    if (!bfy_rewrite_is_same (g_ptr_array_index (a->children, i),
                              g_ptr_array_index (b->children, i), NULL))
      return FALSE;

  return TRUE;
}

gboolean
bfy_rewrite_is_same (const BfyPlace *a, const BfyPlace *b, const char *const *but)
{
  if (but != NULL && (is_nothing (a) || is_nothing (b)))
    return a->kind != BFY_PLACE_TEXT && b->kind != BFY_PLACE_TEXT;
  if (a->kind != b->kind)
    return FALSE;
  switch (a->kind)
    {
    case BFY_PLACE_TEXT:
    case BFY_PLACE_PLAIN:
      return g_strcmp0 (a->text, b->text) == 0;
    case BFY_PLACE_LIST:
      return is_same_list (a, b, but);
    case BFY_PLACE_MAP:
      return has_all (a, b, but) && has_all (b, a, but);
    }

  g_return_val_if_reached (FALSE);
}
