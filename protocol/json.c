/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* json-glib behind the gate: parsing of checked text, and getters for objects from outside. */

#include "protocol/json.h"

#include <math.h>
#include <string.h>

#include "protocol/error.h"
#include "protocol/json-private.h"

#define SHOWN_NAME_BYTES_MAX 64 /* of a member's name in an error */
#define EXACT_DOUBLE_MAX 0x1p53 /* up to here every integer has a double of its own */

typedef struct
{
  JsonNodeType node_type;
  GType value_type; /* of a JSON_NODE_VALUE */
  const char *title;
} Kind;

JsonNode *
bfy_json_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  JsonNode *root = NULL;

  if (!bfy_json_check_bounded (text, length, error))
    return NULL;

  /* json-glib's own message would quote the text. */
  parser = json_parser_new ();
  if (json_parser_load_from_data (parser, text, (gssize) length, NULL))
    root = json_parser_steal_root (parser);
  if (root == NULL)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_PARSE, "Not valid JSON: refused by json-glib");

  return root;
}

JsonObject *
bfy_json_parse_object (const char *text, gsize length, GError **error)
{
  g_autoptr (JsonNode) root = bfy_json_parse (text, length, error);

  if (root == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "A JSON object is expected");
      return NULL;
    }

  return json_node_dup_object (root);
}

static gboolean
is_kind (JsonNode *node, const Kind *kind)
{
  return JSON_NODE_TYPE (node) == kind->node_type &&
         (kind->node_type != JSON_NODE_VALUE ||
          json_node_get_value_type (node) == kind->value_type);
}

static gboolean
refuse_kind (const char *name, const char *title, GError **error)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "“%s” must be %s", name, title);

  return FALSE;
}

/* NULL when absent or null. */
static JsonNode *
find_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static gboolean
find_kind (JsonObject *object, const char *name, const Kind *kind, JsonNode **node, GError **error)
{
  *node = find_member (object, name);

  return *node == NULL || is_kind (*node, kind) || refuse_kind (name, kind->title, error);
}

gboolean
bfy_json_get_string (JsonObject *object, const char *name, const char **value, GError **error)
{
  static const Kind kind = { JSON_NODE_VALUE, G_TYPE_STRING, "a string" };
  JsonNode *node;

  if (!find_kind (object, name, &kind, &node, error))
    return FALSE;
  if (node != NULL)
    *value = json_node_get_string (node);

  return TRUE;
}

gboolean
bfy_json_get_int (JsonObject *object, const char *name, gint64 *value, GError **error)
{
  static const Kind integer = { JSON_NODE_VALUE, G_TYPE_INT64, "an integer" };
  static const Kind fraction = { JSON_NODE_VALUE, G_TYPE_DOUBLE, NULL };
  JsonNode *node = find_member (object, name);

  if (node != NULL && is_kind (node, &fraction))
    {
      double number = json_node_get_double (node);

      if (fabs (number) > EXACT_DOUBLE_MAX || trunc (number) != number)
        return refuse_kind (name, integer.title, error);
      *value = (gint64) number;
      return TRUE;
    }

  if (!find_kind (object, name, &integer, &node, error))
    return FALSE;
  if (node != NULL)
    *value = json_node_get_int (node);

  return TRUE;
}

gboolean
bfy_json_get_boolean (JsonObject *object, const char *name, gboolean *value, GError **error)
{
  static const Kind kind = { JSON_NODE_VALUE, G_TYPE_BOOLEAN, "true or false" };
  JsonNode *node;

  if (!find_kind (object, name, &kind, &node, error))
    return FALSE;
  if (node != NULL)
    *value = json_node_get_boolean (node);

  return TRUE;
}

gboolean
bfy_json_get_object (JsonObject *object, const char *name, JsonObject **value, GError **error)
{
  static const Kind kind = { JSON_NODE_OBJECT, G_TYPE_INVALID, "an object" };
  JsonNode *node;

  if (!find_kind (object, name, &kind, &node, error))
    return FALSE;
  if (node != NULL)
    *value = json_node_get_object (node);

  return TRUE;
}

gboolean
bfy_json_get_array (JsonObject *object, const char *name, JsonArray **value, GError **error)
{
  static const Kind kind = { JSON_NODE_ARRAY, G_TYPE_INVALID, "an array" };
  JsonNode *node;

  if (!find_kind (object, name, &kind, &node, error))
    return FALSE;
  if (node != NULL)
    *value = json_node_get_array (node);

  return TRUE;
}

gboolean
bfy_json_get_strings (JsonObject *object, const char *name, GStrv *value, GError **error)
{
  static const Kind kind = { JSON_NODE_VALUE, G_TYPE_STRING, "an array of strings" };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonArray *array = NULL;

  *value = NULL;
  if (!bfy_json_get_array (object, name, &array, error))
    return FALSE;
  if (array == NULL)
    return TRUE;

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (!is_kind (element, &kind))
        return refuse_kind (name, kind.title, error);
      g_strv_builder_add (builder, json_node_get_string (element));
    }
  *value = g_strv_builder_end (builder);

  return TRUE;
}

/* A name from outside goes into an error only if it cannot be a secret by accident, a screenful or
 * a terminal escape. */
static gboolean
is_showable (const char *name)
{
  gsize length = strlen (name);

  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isalnum (name[i]) && strchr ("_-.", name[i]) == NULL)
        return FALSE;
    }

  return length > 0 && length <= SHOWN_NAME_BYTES_MAX;
}

static gboolean
refuse_name (const char *name, GError **error)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "Unknown member “%s”",
               is_showable (name) ? name : "…");

  return FALSE;
}

gboolean
bfy_json_refuse_unknown (JsonObject *object, const char *const *names, GError **error)
{
  JsonObjectIter iter;
  const char *name;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    {
      if (!g_strv_contains (names, name))
        return refuse_name (name, error);
    }

  return TRUE;
}

gboolean
bfy_json_slice_refuse_unknown (const BfyJsonSlice *object, const char *const *names, GError **error)
{
  BfyJsonSlice key, value;
  BfyJsonIter iter;

  bfy_json_iter_init (&iter, object);
  while (bfy_json_iter_next (&iter, &key, &value))
    {
      g_autofree char *name = NULL;
      gboolean is_known = FALSE;

      for (guint i = 0; names[i] != NULL; i++)
        is_known = is_known || bfy_json_slice_equals (&key, names[i]);
      if (is_known)
        continue;
      name = bfy_json_slice_dup_string (&key);

      return refuse_name (name, error);
    }

  return TRUE;
}
