/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/fields.h"

#include "protocol/json.h"

const char *
bfy_field_text (JsonObject *object, const char *name)
{
  const char *value = NULL;

  if (!bfy_json_get_string (object, name, &value, NULL) || value == NULL)
    return "";

  return value;
}

gint64
bfy_field_int (JsonObject *object, const char *name)
{
  gint64 value = 0;

  return bfy_json_get_int (object, name, &value, NULL) ? value : 0;
}

gboolean
bfy_field_boolean (JsonObject *object, const char *name)
{
  gboolean value = FALSE;

  return bfy_json_get_boolean (object, name, &value, NULL) && value;
}

JsonObject *
bfy_field_object (JsonObject *object, const char *name)
{
  JsonObject *value = NULL;

  return bfy_json_get_object (object, name, &value, NULL) ? value : NULL;
}

JsonArray *
bfy_field_array (JsonObject *object, const char *name)
{
  JsonArray *value = NULL;

  return bfy_json_get_array (object, name, &value, NULL) ? value : NULL;
}

guint
bfy_field_count (JsonObject *object, const char *name)
{
  JsonArray *array = bfy_field_array (object, name);

  return array != NULL ? json_array_get_length (array) : 0;
}

JsonObject *
bfy_field_nth (JsonObject *object, const char *name, guint index)
{
  static JsonObject *empty = NULL;
  JsonNode *node = json_array_get_element (bfy_field_array (object, name), index);

  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  if (empty == NULL)
    empty = json_object_new ();

  return empty;
}

char *
bfy_field_join (JsonObject *object, const char *name, const char *separator)
{
  GStrv values = NULL;
  char *joined;

  if (!bfy_json_get_strings (object, name, &values, NULL) || values == NULL)
    return g_strdup ("");

  joined = g_strjoinv (separator, values);
  g_strfreev (values);
  return joined;
}
