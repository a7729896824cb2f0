/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/method-schema.h"

#include <math.h>
#include <string.h>

#include "protocol/name.h"

#define PLACE_LENGTH_MAX 120 /* characters of a place that are shown */

static const char *const types[] = { "string", "integer", "number", "boolean",
                                     "array",  "object",  NULL };

static gboolean
refuse (GError **error, const char *path, const char *problem)
{
  g_autofree char *shown = bfy_text_to_line (path, PLACE_LENGTH_MAX);

  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "“%s” %s",
               *path != '\0' ? shown : "arguments", problem);

  return FALSE;
}

static char *
join (const char *path, const char *name)
{
  return *path != '\0' ? g_strconcat (path, ".", name, NULL) : g_strdup (name);
}

static gboolean
is_text (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

static gboolean
is_integer (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64;
}

static gboolean
is_number (JsonNode *node)
{
  return is_integer (node) ||
         (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_DOUBLE);
}

static gboolean
is_boolean (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN;
}

static gboolean
is_count (JsonNode *node)
{
  return is_integer (node) && json_node_get_int (node) >= 0;
}

static gboolean
is_anything (JsonNode *node)
{
  return TRUE;
}

static gboolean
is_type (JsonNode *node)
{
  return is_text (node) && g_strv_contains (types, json_node_get_string (node));
}

static gboolean
is_array (JsonNode *node)
{
  return JSON_NODE_HOLDS_ARRAY (node);
}

static gboolean
is_object (JsonNode *node)
{
  return JSON_NODE_HOLDS_OBJECT (node);
}

static gboolean
are_texts (JsonNode *node)
{
  JsonArray *array = is_array (node) ? json_node_get_array (node) : NULL;

  if (array == NULL || json_array_get_length (array) > BFY_METHOD_PARAMS_MAX)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!is_text (json_array_get_element (array, i)))
      return FALSE;

  return TRUE;
}

static gboolean
are_choices (JsonNode *node)
{
  JsonArray *array = is_array (node) ? json_node_get_array (node) : NULL;
  guint n = array != NULL ? json_array_get_length (array) : 0;

  if (n == 0 || n > BFY_METHOD_ENUM_MAX)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!is_text (json_array_get_element (array, i)) &&
        !is_number (json_array_get_element (array, i)))
      return FALSE;

  return TRUE;
}

/* What a schema may say. */
static const struct
{
  const char *name;
  gboolean (*is) (JsonNode *node);
  const char *problem;
} keywords[] = {
  { "type", is_type, "is one of string, integer, number, boolean, array, object" },
  { "title", is_text, "is a text" },
  { "description", is_text, "is a text" },
  { "format", is_text, "is a text" },
  { "default", is_anything, NULL },
  { "enum", are_choices, "is a list of texts and numbers, not too long" },
  { "items", is_object, "is a schema" },
  { "properties", is_object, "is an object of schemas" },
  { "required", are_texts, "is a list of names" },
  { "additionalProperties", is_boolean, "is true or false" },
  { "minimum", is_number, "is a number" },
  { "maximum", is_number, "is a number" },
  { "minLength", is_count, "is a count" },
  { "maxLength", is_count, "is a count" },
  { "minItems", is_count, "is a count" },
  { "maxItems", is_count, "is a count" },
};

static gboolean
check_keyword (const char *name, JsonNode *node, const char *path, GError **error)
{
  g_autofree char *place = join (path, name);

  for (guint i = 0; i < G_N_ELEMENTS (keywords); i++)
    if (g_str_equal (keywords[i].name, name))
      return keywords[i].is (node) || refuse (error, place, keywords[i].problem);

  return refuse (error, place, "is not understood here");
}

static gboolean
check_keywords (JsonObject *schema, const char *path, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, schema);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (!check_keyword (name, node, path, error))
      return FALSE;

  return TRUE;
}

static gboolean check_schema (JsonObject *schema, const char *path, guint depth, GError **error);

static gboolean
check_properties (JsonObject *properties, const char *path, guint depth, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (json_object_get_size (properties) > BFY_METHOD_PARAMS_MAX)
    return refuse (error, path, "has too many properties");
  json_object_iter_init_ordered (&iter, properties);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *place = join (path, name);

      if (!is_object (node))
        return refuse (error, place, "is a schema");
      if (!check_schema (json_node_get_object (node), place, depth + 1, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
check_schema (JsonObject *schema, const char *path, guint depth, GError **error)
{
  if (depth > BFY_METHOD_SCHEMA_DEPTH_MAX)
    return refuse (error, path, "is nested too deeply");
  if (!check_keywords (schema, path, error))
    return FALSE;
  if (json_object_has_member (schema, "items"))
    {
      g_autofree char *place = g_strconcat (path, "[]", NULL);

      if (!check_schema (json_object_get_object_member (schema, "items"), place, depth + 1, error))
        return FALSE;
    }

  return !json_object_has_member (schema, "properties") ||
         check_properties (json_object_get_object_member (schema, "properties"), path, depth,
                           error);
}

gboolean
bfy_method_schema_check (JsonObject *schema, const char *path, GError **error)
{
  return check_schema (schema, path, 0, error);
}

/* From here on the schema is known to be good. */

static gboolean
check_type (JsonObject *schema, JsonNode *value, const char *path, GError **error)
{
  static const struct
  {
    const char *name;
    gboolean (*is) (JsonNode *node);
    const char *problem;
  } rows[] = {
    { "string", is_text, "must be a text" },
    { "integer", is_integer, "must be a whole number" },
    { "number", is_number, "must be a number" },
    { "boolean", is_boolean, "must be true or false" },
    { "array", is_array, "must be a list" },
    { "object", is_object, "must be an object" },
  };
  const char *type = json_object_get_string_member_with_default (schema, "type", NULL);

  for (guint i = 0; type != NULL && i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (rows[i].name, type))
      return rows[i].is (value) || refuse (error, path, rows[i].problem);

  return TRUE;
}

static gboolean
check_choice (JsonObject *schema, JsonNode *value, const char *path, GError **error)
{
  JsonArray *choices;
  g_autoptr (GString) text = g_string_new ("must be one of");

  if (!json_object_has_member (schema, "enum"))
    return TRUE;
  choices = json_object_get_array_member (schema, "enum");
  for (guint i = 0; i < json_array_get_length (choices); i++)
    {
      JsonNode *choice = json_array_get_element (choices, i);
      g_autofree char *shown = json_to_string (choice, FALSE);

      if (json_node_equal (choice, value))
        return TRUE;
      if (text->len < PLACE_LENGTH_MAX)
        g_string_append_printf (text, "%s %s", i > 0 ? "," : "", shown);
    }

  return refuse (error, path, text->str);
}

typedef struct
{
  const char *min;
  const char *max;
  const char *problem;
} Bounds;

static gboolean
check_bounds (
    JsonObject *schema, const Bounds *bounds, double value, const char *path, GError **error)
{
  if (value < json_object_get_double_member_with_default (schema, bounds->min, -HUGE_VAL) ||
      value > json_object_get_double_member_with_default (schema, bounds->max, HUGE_VAL))
    return refuse (error, path, bounds->problem);

  return TRUE;
}

static gboolean
check_size (JsonObject *schema, JsonNode *value, const char *path, GError **error)
{
  static const Bounds of_numbers = { "minimum", "maximum", "is too small or too large" };
  static const Bounds of_texts = { "minLength", "maxLength", "is too short or too long" };
  static const Bounds of_lists = { "minItems", "maxItems", "has too few or too many elements" };

  if (is_number (value))
    return check_bounds (schema, &of_numbers, json_node_get_double (value), path, error);
  if (is_text (value))
    return check_bounds (schema, &of_texts,
                         (double) g_utf8_strlen (json_node_get_string (value), -1), path, error);
  if (is_array (value))
    return check_bounds (schema, &of_lists,
                         (double) json_array_get_length (json_node_get_array (value)), path, error);

  return TRUE;
}

static gboolean
check_items (JsonObject *schema, JsonNode *value, const char *path, GError **error)
{
  JsonArray *array = is_array (value) ? json_node_get_array (value) : NULL;
  JsonObject *items;

  if (array == NULL || !json_object_has_member (schema, "items"))
    return TRUE;
  items = json_object_get_object_member (schema, "items");
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *place = g_strdup_printf ("%s[%u]", path, i);

      if (!bfy_method_schema_fits (items, json_array_get_element (array, i), place, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
check_required (JsonObject *schema, JsonObject *object, const char *path, GError **error)
{
  JsonArray *names = json_object_has_member (schema, "required")
                         ? json_object_get_array_member (schema, "required")
                         : NULL;

  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++)
    {
      const char *name = json_array_get_string_element (names, i);
      JsonNode *node = json_object_get_member (object, name);
      g_autofree char *place = join (path, name);

      if (node == NULL || JSON_NODE_HOLDS_NULL (node))
        return refuse (error, place, "is missing");
    }

  return TRUE;
}

static gboolean
check_member (
    JsonObject *schema, const char *name, JsonNode *value, const char *path, GError **error)
{
  JsonObject *properties = json_object_has_member (schema, "properties")
                               ? json_object_get_object_member (schema, "properties")
                               : NULL;
  g_autofree char *place = join (path, name);

  if (properties != NULL && json_object_has_member (properties, name))
    return JSON_NODE_HOLDS_NULL (value) || /* as if it were not there */
           bfy_method_schema_fits (json_object_get_object_member (properties, name), value, place,
                                   error);

  return json_object_get_boolean_member_with_default (schema, "additionalProperties", TRUE) ||
         refuse (error, place, "is not known here");
}

static gboolean
check_object (JsonObject *schema, JsonNode *value, const char *path, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (!is_object (value))
    return TRUE;
  json_object_iter_init_ordered (&iter, json_node_get_object (value));
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (!check_member (schema, name, node, path, error))
      return FALSE;

  return check_required (schema, json_node_get_object (value), path, error);
}

gboolean
bfy_method_schema_fits (JsonObject *schema, JsonNode *value, const char *path, GError **error)
{
  return check_type (schema, value, path, error) && check_choice (schema, value, path, error) &&
         check_size (schema, value, path, error) && check_items (schema, value, path, error) &&
         check_object (schema, value, path, error);
}
