/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Nodes to text. json-glib 1.6 has a generator, but it writes 1e-78 as “1e-78.0”, which nobody can
 * read, and infinity as “inf”. */

#include <math.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/name.h"

static void append_node (GString *out, JsonNode *node);

static void
append_object (GString *out, JsonObject *object)
{
  const char *separator = "";
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  g_string_append_c (out, '{');
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      g_string_append (out, separator);
      bfy_json_append_string (out, name, -1);
      g_string_append_c (out, ':');
      append_node (out, value);
      separator = ",";
    }
  g_string_append_c (out, '}');
}

static void
append_array (GString *out, JsonArray *array)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      append_node (out, json_array_get_element (array, i));
    }
  g_string_append_c (out, ']');
}

/* Stays recognisable as a fraction; what JSON cannot say is null. */
static void
append_double (GString *out, double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_dtostr (buffer, sizeof buffer, number);
  g_string_append (out, isfinite (number) ? buffer : "null");
  if (isfinite (number) && strpbrk (buffer, ".e") == NULL)
    g_string_append (out, ".0");
}

static void
append_scalar (GString *out, JsonNode *node)
{
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_STRING:
      bfy_json_append_string (out, json_node_get_string (node), -1);
      break;
    case G_TYPE_INT64:
      g_string_append_printf (out, "%" G_GINT64_FORMAT, json_node_get_int (node));
      break;
    case G_TYPE_DOUBLE:
      append_double (out, json_node_get_double (node));
      break;
    case G_TYPE_BOOLEAN:
      g_string_append (out, json_node_get_boolean (node) ? "true" : "false");
      break;
    default:
      g_string_append (out, "null");
      break;
    }
}

/* As deep as the tree: parsed ones are bounded by the gate, others were built by us. */
static void
append_node (GString *out, JsonNode *node)
{
  switch (JSON_NODE_TYPE (node))
    {
    case JSON_NODE_OBJECT:
      append_object (out, json_node_get_object (node));
      break;
    case JSON_NODE_ARRAY:
      append_array (out, json_node_get_array (node));
      break;
    case JSON_NODE_VALUE:
      append_scalar (out, node);
      break;
    case JSON_NODE_NULL:
      g_string_append (out, "null");
      break;
    }
}

static char *
finish (GString *out, gsize *length)
{
  if (length != NULL)
    *length = out->len;

  return g_string_free (out, FALSE);
}

char *
bfy_json_node_to_text (JsonNode *node, gsize *length)
{
  GString *out = g_string_new (NULL);

  append_node (out, node);

  return finish (out, length);
}

char *
bfy_json_object_to_text (JsonObject *object, gsize *length)
{
  GString *out = g_string_new (NULL);

  append_object (out, object);

  return finish (out, length);
}

void
bfy_json_set_line (JsonObject *object, const char *member, const char *text, gsize n_max)
{
  g_autofree char *line = text != NULL ? bfy_text_to_line (text, n_max) : NULL;

  if (line != NULL)
    json_object_set_string_member (object, member, line);
}
