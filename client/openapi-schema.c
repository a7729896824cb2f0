/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "client/fields.h"
#include "client/openapi.h"
#include "protocol/method-schema.h"

#define REFERENCES_MAX 8 /* one after the other */
#define DEPTH_MAX 4
#define TEXT_LENGTH_MAX 300 /* characters */

/* A step of a JSON pointer (RFC 6901). */
static char *
unescape (const char *step)
{
  g_autoptr (GString) text = g_string_new (step);

  g_string_replace (text, "~1", "/", 0);
  g_string_replace (text, "~0", "~", 0);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static JsonNode *
follow (JsonObject *document, const char *reference)
{
  g_auto (GStrv) steps = NULL;
  JsonObject *at = document;
  JsonNode *node = NULL;

  if (!g_str_has_prefix (reference, "#/"))
    return NULL;
  steps = g_strsplit (reference + 2, "/", DEPTH_MAX * 4);
  for (guint i = 0; steps[i] != NULL; i++)
    {
      g_autofree char *step = unescape (steps[i]);

      node = at != NULL ? json_object_get_member (at, step) : NULL;
      if (node == NULL)
        return NULL;
      at = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    }

  return node;
}

JsonObject *
bfy_openapi_resolve (JsonObject *document, JsonNode *node)
{
  for (guint i = 0; i < REFERENCES_MAX; i++)
    {
      JsonObject *object =
          node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *reference = object != NULL ? bfy_field_text (object, "$ref") : "";

      if (*reference == '\0')
        return object;
      node = follow (document, reference);
    }

  return NULL;
}

static void
copy_text (JsonObject *from, JsonObject *to, const char *name)
{
  const char *text = bfy_field_text (from, name);
  g_autofree char *cut =
      g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), TEXT_LENGTH_MAX));

  if (*cut != '\0')
    json_object_set_string_member (to, name, cut);
}

/* One of a union (OpenAPI 3.1) that is not null; any type otherwise. */
static void
copy_type (JsonObject *from, JsonObject *to)
{
  static const char *const types[] = { "string", "integer", "number", "boolean",
                                       "array",  "object",  NULL };
  JsonArray *several = bfy_field_array (from, "type");
  const char *type = bfy_field_text (from, "type");

  if (several != NULL && json_array_get_length (several) <= 2)
    for (guint i = 0; i < json_array_get_length (several); i++)
      {
        JsonNode *node = json_array_get_element (several, i);

        if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING &&
            strcmp (json_node_get_string (node), "null") != 0)
          type = *type == '\0' ? json_node_get_string (node) : "";
      }
  if (g_strv_contains (types, type))
    json_object_set_string_member (to, "type", type);
}

static void
copy_enum (JsonObject *from, JsonObject *to)
{
  JsonArray *choices = bfy_field_array (from, "enum");
  guint n = choices != NULL ? json_array_get_length (choices) : 0;

  if (n == 0 || n > BFY_METHOD_ENUM_MAX)
    return;
  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (choices, i);

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) == G_TYPE_BOOLEAN)
        return;
    }
  json_object_set_array_member (to, "enum", json_array_ref (choices));
}

static void
copy_bounds (JsonObject *from, JsonObject *to)
{
  static const char *const of_numbers[] = { "minimum", "maximum" };
  static const char *const of_counts[] = { "minLength", "maxLength", "minItems", "maxItems" };

  for (guint i = 0; i < G_N_ELEMENTS (of_numbers); i++)
    {
      JsonNode *node = json_object_get_member (from, of_numbers[i]);

      if (node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
          (json_node_get_value_type (node) == G_TYPE_INT64 ||
           json_node_get_value_type (node) == G_TYPE_DOUBLE))
        json_object_set_member (to, of_numbers[i], json_node_copy (node));
    }
  for (guint i = 0; i < G_N_ELEMENTS (of_counts); i++)
    if (json_object_has_member (from, of_counts[i]) && bfy_field_int (from, of_counts[i]) >= 0)
      json_object_set_int_member (to, of_counts[i], bfy_field_int (from, of_counts[i]));
}

static JsonObject *simplify (JsonObject *document, JsonObject *schema, guint depth);

static void
copy_properties (JsonObject *document, JsonObject *from, JsonObject *to, guint depth)
{
  JsonObject *properties = bfy_field_object (from, "properties");
  JsonObject *copied;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (properties == NULL || json_object_get_size (properties) > BFY_METHOD_PARAMS_MAX)
    return;
  copied = json_object_new ();
  json_object_iter_init_ordered (&iter, properties);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_object_member (
        copied, name, simplify (document, bfy_openapi_resolve (document, node), depth + 1));
  json_object_set_object_member (to, "properties", copied);
}

static JsonObject *
simplify (JsonObject *document, JsonObject *schema, guint depth)
{
  JsonObject *made = json_object_new ();

  if (schema == NULL || depth > DEPTH_MAX)
    return made;
  copy_type (schema, made);
  copy_text (schema, made, "description");
  copy_text (schema, made, "format");
  copy_enum (schema, made);
  copy_bounds (schema, made);
  copy_properties (document, schema, made, depth);
  if (json_object_has_member (schema, "items"))
    json_object_set_object_member (
        made, "items",
        simplify (document,
                  bfy_openapi_resolve (document, json_object_get_member (schema, "items")),
                  depth + 1));

  return made;
}

JsonObject *
bfy_openapi_schema (JsonObject *document, JsonObject *schema)
{
  return simplify (document, schema, 0);
}
