/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/arguments.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/fields.h"
#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/name.h"

gboolean
bfy_arguments_are_pairs (const char *const *words)
{
  return words[0] != NULL && *words[0] != '{';
}

static gboolean
is_string_type (JsonNode *type)
{
  return JSON_NODE_HOLDS_VALUE (type) && json_node_get_value_type (type) == G_TYPE_STRING &&
         strcmp (json_node_get_string (type), "string") == 0;
}

/* A union with "string" in it counts: what was typed is text, and text is allowed there. */
static gboolean
wants_string (JsonObject *schema, const char *key)
{
  JsonObject *properties = schema != NULL ? bfy_field_object (schema, "properties") : NULL;
  JsonObject *property = properties != NULL ? bfy_field_object (properties, key) : NULL;
  JsonNode *type = property != NULL ? json_object_get_member (property, "type") : NULL;

  if (type == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_ARRAY (type))
    return is_string_type (type);

  for (guint i = 0; i < json_array_get_length (json_node_get_array (type)); i++)
    {
      if (is_string_type (json_array_get_element (json_node_get_array (type), i)))
        return TRUE;
    }

  return FALSE;
}

static char *
build_from_json (const char *const *words, GError **error)
{
  g_autoptr (JsonObject) object = NULL;

  if (words[1] != NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("Arguments are one JSON object or key=value pairs, not both"));
      return NULL;
    }

  object = bfy_json_parse_object (words[0], strlen (words[0]), error);
  if (object == NULL)
    {
      g_prefix_error (error, _ ("The arguments are not a JSON object: "));
      return NULL;
    }

  return g_strdup (words[0]);
}

static gboolean
append_pair (GString *out, const char *word, JsonObject *schema, GHashTable *seen, GError **error)
{
  const char *equals = strchr (word, '=');
  g_autofree char *key = equals != NULL ? g_strndup (word, (gsize) (equals - word)) : NULL;

  if (key == NULL || *key == '\0' || !g_utf8_validate (word, -1, NULL))
    {
      g_autofree char *shown = bfy_text_to_line (word, 40);

      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   _ ("“%s” is neither a JSON object nor key=value"), shown);
      return FALSE;
    }
  if (g_hash_table_contains (seen, key))
    {
      g_autofree char *shown = bfy_text_to_line (key, 40);

      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, _ ("“%s” is given twice"), shown);
      return FALSE;
    }

  if (out->len > 1)
    g_string_append_c (out, ',');
  bfy_json_append_string (out, key, -1);
  g_string_append_c (out, ':');
  if (!wants_string (schema, key) && bfy_json_check (equals + 1, strlen (equals + 1), NULL))
    g_string_append (out, equals + 1);
  else
    bfy_json_append_string (out, equals + 1, -1);

  g_hash_table_add (seen, g_steal_pointer (&key));
  return TRUE;
}

char *
bfy_arguments_build (const char *const *words, JsonObject *schema, GError **error)
{
  g_autoptr (GHashTable) seen = NULL;
  g_autoptr (GString) out = NULL;

  if (words[0] == NULL)
    return g_strdup ("{}");
  if (!bfy_arguments_are_pairs (words))
    return build_from_json (words, error);

  seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  out = g_string_new ("{");
  for (; *words != NULL; words++)
    {
      if (!append_pair (out, *words, schema, seen, error))
        return NULL;
    }

  g_string_append_c (out, '}');
  return g_string_free (g_steal_pointer (&out), FALSE);
}
