/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Values between PostgreSQL, which sends texts, and JSON. What JSON cannot hold exactly stays a
 * text. */

#include <math.h>

#include "agent/database/pg-private.h"
#include "protocol/json.h"

/* The numbers of its types are part of PostgreSQL's protocol (pg_type.dat). */
enum
{
  TYPE_BOOL = 16,
  TYPE_INT8 = 20,
  TYPE_INT2 = 21,
  TYPE_INT4 = 23,
  TYPE_TEXT = 25,
  TYPE_JSON = 114,
  TYPE_FLOAT4 = 700,
  TYPE_FLOAT8 = 701,
  TYPE_JSONB = 3802,
};

static const struct
{
  guint type;
  const char *name;
} type_names[] = {
  { TYPE_BOOL, "bool" },
  { 17, "bytea" },
  { TYPE_INT8, "int8" },
  { TYPE_INT2, "int2" },
  { TYPE_INT4, "int4" },
  { TYPE_TEXT, "text" },
  { 26, "oid" },
  { TYPE_JSON, "json" },
  { TYPE_FLOAT4, "float4" },
  { TYPE_FLOAT8, "float8" },
  { 1042, "char" },
  { 1043, "varchar" },
  { 1082, "date" },
  { 1083, "time" },
  { 1114, "timestamp" },
  { 1184, "timestamptz" },
  { 1186, "interval" },
  { 1700, "numeric" },
  { 2950, "uuid" },
  { TYPE_JSONB, "jsonb" },
  { 19, "name" },
};

const char *
bfy_pg_type_name (guint type)
{
  for (guint i = 0; i < G_N_ELEMENTS (type_names); i++)
    if (type_names[i].type == type)
      return type_names[i].name;

  return "other";
}

static JsonNode *
text_node (const char *text, gsize length)
{
  g_autofree char *valid = g_utf8_make_valid (text, (gssize) length);

  return json_node_init_string (json_node_alloc (), valid);
}

static JsonNode *
integer_node (const char *text, gsize length)
{
  gint64 number;

  return g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &number, NULL)
             ? json_node_init_int (json_node_alloc (), number)
             : text_node (text, length);
}

/* NaN and Infinity are no numbers to JSON. */
static JsonNode *
float_node (const char *text, gsize length)
{
  double number = g_ascii_strtod (text, NULL);

  return isfinite (number) ? json_node_init_double (json_node_alloc (), number)
                           : text_node (text, length);
}

static JsonNode *
json_value (const char *text, gsize length)
{
  JsonNode *node = bfy_json_parse (text, length, NULL);

  return node != NULL ? node : text_node (text, length);
}

JsonNode *
bfy_pg_value (const char *text, gsize length, guint type)
{
  switch (type)
    {
    case TYPE_BOOL:
      return json_node_init_boolean (json_node_alloc (), *text == 't');
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
      return integer_node (text, length);
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
      return float_node (text, length);
    case TYPE_JSON:
    case TYPE_JSONB:
      return json_value (text, length);
    default:
      return text_node (text, length);
    }
}

char *
bfy_pg_parameter (JsonNode *value)
{
  if (JSON_NODE_HOLDS_NULL (value))
    return NULL;
  if (json_node_get_value_type (value) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (value));

  return bfy_json_node_to_text (value, NULL);
}
