/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/token-pattern.h"

#include <string.h>

#include "protocol/error.h"

#define PREFIX_MIN 2 /* of less there is too much in plain text */
#define PREFIX_MAX 32
#define TAIL_MIN 4
#define TAIL_MAX 4096

static const char *const character_names[] = {
  [BFY_TOKEN_HEX] = "hex",       [BFY_TOKEN_ALNUM] = "alnum",   [BFY_TOKEN_KEY] = "key",
  [BFY_TOKEN_BASE64] = "base64", [BFY_TOKEN_DOTTED] = "dotted",
};

static gboolean
is_of (BfyTokenCharacters characters, char c)
{
  switch (characters)
    {
    case BFY_TOKEN_HEX:
      return g_ascii_isxdigit (c);
    case BFY_TOKEN_ALNUM:
      return g_ascii_isalnum (c);
    case BFY_TOKEN_KEY:
      return g_ascii_isalnum (c) || c == '_' || c == '-';
    case BFY_TOKEN_BASE64:
      return g_ascii_isalnum (c) || (c != '\0' && strchr ("_-+/=", c) != NULL);
    case BFY_TOKEN_DOTTED:
      return g_ascii_isalnum (c) || (c != '\0' && strchr ("_-.+/=%", c) != NULL);
    }

  return FALSE;
}

static gsize
span_prefix (const char *p, const char *prefix)
{
  gsize length = 0;

  while (prefix[length] != '\0')
    {
      if (prefix[length] == '?' ? !g_ascii_isalpha (p[length]) : p[length] != prefix[length])
        return 0;
      length++;
    }

  return length;
}

gsize
bfy_token_pattern_span (const BfyTokenPattern *self, const char *text)
{
  gsize prefix_length = *text == *self->prefix ? span_prefix (text, self->prefix) : 0;
  gsize length = prefix_length;

  if (prefix_length == 0)
    return 0;
  while (is_of (self->characters, text[length]))
    length++;

  return length - prefix_length >= self->min ? length : 0;
}

static gboolean
refuse (GError **error, const char *problem)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "Service record: “token_patterns”: %s",
               problem);

  return FALSE;
}

static const char *
peek_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
                 json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static gboolean
check_known (JsonObject *object, GError **error)
{
  static const char *const known[] = { "prefix", "characters", "min", NULL };
  JsonObjectIter iter;
  const char *name;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, NULL))
    {
      if (!g_strv_contains (known, name))
        return refuse (error, "a pattern has prefix, characters and min, nothing else");
    }

  return TRUE;
}

static gboolean
check_prefix (const char *prefix, GError **error)
{
  gsize length = prefix != NULL ? strlen (prefix) : 0;

  if (length < PREFIX_MIN || length > PREFIX_MAX || *prefix == '?')
    return refuse (error, "the prefix of a pattern has 2 to 32 characters and begins with none "
                          "that stands for others");
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isgraph (prefix[i]))
        return refuse (error, "the prefix of a pattern has a character that no token has");
    }

  return TRUE;
}

static gboolean
take_characters (const char *name, BfyTokenCharacters *characters, GError **error)
{
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (character_names); i++)
    {
      if (!g_str_equal (name, character_names[i]))
        continue;
      *characters = (BfyTokenCharacters) i;
      return TRUE;
    }

  return refuse (error, "the characters of a pattern are hex, alnum, key, base64 or dotted");
}

static gboolean
take_min (JsonNode *node, guint *min, GError **error)
{
  gint64 value = node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
                         json_node_get_value_type (node) == G_TYPE_INT64
                     ? json_node_get_int (node)
                     : 0;

  if (value < TAIL_MIN || value > TAIL_MAX)
    return refuse (error, "min of a pattern is a number from 4 to 4096");
  *min = (guint) value;

  return TRUE;
}

void
bfy_token_pattern_free (BfyTokenPattern *self)
{
  if (self == NULL)
    return;

  g_free ((char *) self->prefix);
  g_free ((char *) self->service);
  g_free (self);
}

static BfyTokenPattern *
read_one (JsonNode *node, const char *service, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  BfyTokenPattern pattern = { 0 };
  const char *prefix;

  if ((object == NULL && !refuse (error, "a pattern is an object")) || !check_known (object, error))
    return NULL;
  prefix = peek_text (object, "prefix");
  if (!check_prefix (prefix, error) ||
      !take_characters (peek_text (object, "characters"), &pattern.characters, error) ||
      !take_min (json_object_get_member (object, "min"), &pattern.min, error))
    return NULL;

  pattern.prefix = g_strdup (prefix);
  pattern.service = g_strdup (service);

  return g_memdup2 (&pattern, sizeof pattern);
}

GPtrArray *
bfy_token_patterns_read (JsonObject *record, const char *service, GError **error)
{
  g_autoptr (GPtrArray) patterns =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_token_pattern_free);
  JsonArray *array = json_object_has_member (record, "token_patterns")
                         ? json_object_get_array_member (record, "token_patterns")
                         : NULL;
  guint n = array != NULL ? json_array_get_length (array) : 0;

  if (n > BFY_TOKEN_PATTERNS_MAX && !refuse (error, "a record has at most 32 patterns"))
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      BfyTokenPattern *pattern = read_one (json_array_get_element (array, i), service, error);

      if (pattern == NULL)
        return NULL;
      g_ptr_array_add (patterns, pattern);
    }

  return g_steal_pointer (&patterns);
}
