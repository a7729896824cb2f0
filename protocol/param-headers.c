/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A declaration counts only on a string, integer or boolean that a call reaches by names alone: the
 * root, then `properties` of `properties`. One anywhere else, where a schema may stand, spoils the
 * tool. What merely looks like one (in a default, an example, or as the name of a property) is
 * data. */

#include "protocol/param-headers.h"

#include <math.h>
#include <string.h>

#include "protocol/error.h"
#include "protocol/mcp-header.h"

#define KEYWORD "x-mcp-header"
#define PREFIX "Mcp-Param-"
/* Integers that every JSON implementation keeps apart: 2^53 - 1. */
#define SAFE_INTEGER_MAX 9007199254740991.0
#define SAFE_DIGITS_MAX 15

typedef struct
{
  char *header;    /* (owned) with the prefix */
  GPtrArray *path; /* (owned) (element-type utf8) names from the arguments down */
} Declaration;

struct _BfyParamHeaders
{
  GPtrArray *declarations; /* (owned) (element-type Declaration) */
};

/* The state of one parse. */
typedef struct
{
  BfyParamHeaders *headers;
  GHashTable *seen; /* (owned) (element-type utf8) lower-case names */
  GPtrArray *path;  /* (owned) (element-type utf8) to the schema that is looked at */
} Walk;

/* How schemas stand below a keyword. */
typedef enum
{
  BELOW_PROPERTIES, /* by name, and a call reaches them */
  BELOW_NAMES,      /* by name */
  BELOW_DIRECTLY,   /* one, or an array of them */
} Below;

static const struct
{
  const char *keyword;
  Below below;
} keywords[] = {
  { "properties", BELOW_PROPERTIES },
  { "items", BELOW_DIRECTLY },
  { "prefixItems", BELOW_DIRECTLY },
  { "contains", BELOW_DIRECTLY },
  { "additionalProperties", BELOW_DIRECTLY },
  { "unevaluatedProperties", BELOW_DIRECTLY },
  { "unevaluatedItems", BELOW_DIRECTLY },
  { "propertyNames", BELOW_DIRECTLY },
  { "patternProperties", BELOW_NAMES },
  { "dependentSchemas", BELOW_NAMES },
  { "oneOf", BELOW_DIRECTLY },
  { "anyOf", BELOW_DIRECTLY },
  { "allOf", BELOW_DIRECTLY },
  { "not", BELOW_DIRECTLY },
  { "if", BELOW_DIRECTLY },
  { "then", BELOW_DIRECTLY },
  { "else", BELOW_DIRECTLY },
  { "$defs", BELOW_NAMES },
  { "definitions", BELOW_NAMES },
};

static const char *const mirrored_types[] = { "string", "integer", "boolean" };

static void
declaration_free (Declaration *declaration)
{
  g_free (declaration->header);
  g_ptr_array_unref (declaration->path);
  g_free (declaration);
}

static gboolean
refuse (GError **error, const char *reason)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, reason);
  return FALSE;
}

/* tchar of RFC 9110. */
static gboolean
is_header_name (const char *name)
{
  for (const char *p = name; *p != '\0'; p++)
    {
      if (!g_ascii_isalnum (*p) && strchr ("!#$%&'*+-.^_`|~", *p) == NULL)
        return FALSE;
    }

  return *name != '\0' && strlen (name) <= BFY_PARAM_HEADER_NAME_BYTES_MAX;
}

static gboolean
is_mirrored_type (const BfyJsonSlice *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (mirrored_types); i++)
    {
      if (bfy_json_slice_equals (type, mirrored_types[i]))
        return TRUE;
    }

  return FALSE;
}

static void
add_declaration (Walk *walk, const char *name)
{
  Declaration *declaration = g_new0 (Declaration, 1);

  declaration->header = g_strconcat (PREFIX, name, NULL);
  declaration->path = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < walk->path->len; i++)
    g_ptr_array_add (declaration->path, g_strdup (g_ptr_array_index (walk->path, i)));
  g_ptr_array_add (walk->headers->declarations, declaration);
}

static gboolean
declare (Walk *walk, const BfyJsonSlice *value, const BfyJsonSlice *type, GError **error)
{
  g_autofree char *name = bfy_json_slice_dup_string (value);

  if (name == NULL || !is_header_name (name))
    return refuse (error, "its value is no name for a header");
  if (!is_mirrored_type (type))
    return refuse (error, "it stands on something else than a string, an integer or a boolean");
  if (!g_hash_table_add (walk->seen, g_ascii_strdown (name, -1)))
    return refuse (error, "two of them have the same name");
  if (walk->headers->declarations->len >= BFY_PARAM_HEADERS_MAX)
    return refuse (error, "there are too many of them");

  add_declaration (walk, name);
  return TRUE;
}

static gboolean visit (Walk *walk, const BfyJsonSlice *schema, gboolean is_reached, GError **error);

static gboolean
visit_property (Walk *walk,
                const BfyJsonSlice *key,
                const BfyJsonSlice *schema,
                gboolean is_reached,
                GError **error)
{
  gboolean is_good;

  g_ptr_array_add (walk->path, bfy_json_slice_dup_string (key));
  is_good = visit (walk, schema, is_reached, error);
  g_ptr_array_set_size (walk->path, (gint) walk->path->len - 1);
  return is_good;
}

/* Everything below one keyword. */
static gboolean
visit_below (
    Walk *walk, Below below, const BfyJsonSlice *value, gboolean is_reached, GError **error)
{
  BfyJsonSlice key = { BFY_JSON_STRING, "\"\"", 2 };
  BfyJsonSlice schema;
  BfyJsonIter iter;

  if (below == BELOW_DIRECTLY && value->type == BFY_JSON_OBJECT)
    return visit (walk, value, FALSE, error);
  if (below != BELOW_DIRECTLY && value->type != BFY_JSON_OBJECT)
    return TRUE;

  bfy_json_iter_init (&iter, value);
  while (bfy_json_iter_next (&iter, &key, &schema))
    {
      if (!visit_property (walk, &key, &schema, is_reached && below == BELOW_PROPERTIES, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
visit_keyword (Walk *walk,
               const BfyJsonSlice *key,
               const BfyJsonSlice *value,
               gboolean is_reached,
               GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (keywords); i++)
    {
      if (bfy_json_slice_equals (key, keywords[i].keyword))
        return visit_below (walk, keywords[i].below, value, is_reached, error);
    }

  return TRUE;
}

/* The depth of checked text bounds the recursion. Each object is read once for its own members and
 * once for what stands below it, however many keywords there are. */
static gboolean
visit (Walk *walk, const BfyJsonSlice *schema, gboolean is_reached, GError **error)
{
  BfyJsonSlice type = { BFY_JSON_NULL, "", 0 };
  BfyJsonSlice header = type;
  BfyJsonSlice key, value;
  BfyJsonIter iter;

  if (schema->type != BFY_JSON_OBJECT)
    return TRUE;

  bfy_json_iter_init (&iter, schema);
  while (bfy_json_iter_next (&iter, &key, &value))
    {
      if (bfy_json_slice_equals (&key, KEYWORD))
        header = value;
      else if (bfy_json_slice_equals (&key, "type"))
        type = value;
    }

  if (header.length > 0 && (!is_reached || walk->path->len == 0))
    return refuse (error, "it stands where no call is sure to reach it");
  if (header.length > 0 && !declare (walk, &header, &type, error))
    return FALSE;

  bfy_json_iter_init (&iter, schema);
  while (bfy_json_iter_next (&iter, &key, &value))
    {
      if (!visit_keyword (walk, &key, &value, is_reached, error))
        return FALSE;
    }

  return TRUE;
}

BfyParamHeaders *
bfy_param_headers_parse (const BfyJsonSlice *input_schema, GError **error)
{
  g_autoptr (BfyParamHeaders) self = g_new0 (BfyParamHeaders, 1);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) path = g_ptr_array_new_with_free_func (g_free);
  Walk walk = { self, seen, path };

  self->declarations = g_ptr_array_new_with_free_func ((GDestroyNotify) declaration_free);
  if (!visit (&walk, input_schema, TRUE, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
bfy_param_headers_free (BfyParamHeaders *self)
{
  g_ptr_array_unref (self->declarations);
  g_free (self);
}

guint
bfy_param_headers_n (const BfyParamHeaders *self)
{
  return self->declarations->len;
}

/* The other side compares numbers as numbers, but may read them by simpler means than we: an
 * integer is written without fraction or exponent. One that two implementations may round
 * differently is not written at all. */
static char *
dup_number (const BfyJsonSlice *slice)
{
  g_autofree char *token = g_strndup (slice->start, slice->length);
  double number = g_ascii_strtod (token, NULL);
  gboolean is_plain = strpbrk (token, ".eE") == NULL;

  if (is_plain && slice->length <= SAFE_DIGITS_MAX)
    return g_steal_pointer (&token);
  if (!isfinite (number) || fabs (number) > SAFE_INTEGER_MAX)
    return NULL;
  if (is_plain || number != trunc (number))
    return g_steal_pointer (&token);

  return g_strdup_printf ("%.0f", number);
}

static char *
dup_value (const BfyJsonSlice *slice)
{
  g_autofree char *text = NULL;

  switch (slice->type)
    {
    case BFY_JSON_STRING:
      if (slice->length > BFY_PARAM_HEADER_VALUE_BYTES_MAX)
        return NULL;
      text = bfy_json_slice_dup_string (slice);
      return bfy_mcp_header_encode (text);
    case BFY_JSON_NUMBER:
      return slice->length <= BFY_PARAM_HEADER_VALUE_BYTES_MAX ? dup_number (slice) : NULL;
    case BFY_JSON_TRUE:
      return g_strdup ("true");
    case BFY_JSON_FALSE:
      return g_strdup ("false");
    case BFY_JSON_OBJECT:
    case BFY_JSON_ARRAY:
    case BFY_JSON_NULL:
      break;
    }

  return NULL;
}

static gboolean
find_argument (const Declaration *declaration, const BfyJsonSlice *arguments, BfyJsonSlice *value)
{
  *value = *arguments;
  for (guint i = 0; i < declaration->path->len; i++)
    {
      BfyJsonSlice container = *value;

      if (!bfy_json_slice_member (&container, g_ptr_array_index (declaration->path, i), value))
        return FALSE;
    }

  return TRUE;
}

void
bfy_param_headers_foreach (const BfyParamHeaders *self,
                           const BfyJsonSlice *arguments,
                           BfyParamHeaderFunc func,
                           gpointer user_data)
{
  for (guint i = 0; i < self->declarations->len; i++)
    {
      const Declaration *declaration = g_ptr_array_index (self->declarations, i);
      g_autofree char *text = NULL;
      BfyJsonSlice value;

      if (find_argument (declaration, arguments, &value))
        text = dup_value (&value);
      if (text != NULL && strlen (text) <= BFY_PARAM_HEADER_VALUE_BYTES_MAX)
        func (declaration->header, text, user_data);
    }
}
