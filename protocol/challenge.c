/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The grammar is ambiguous in one place: after a comma may stand another parameter or another
 * scheme. "name =" begins a parameter, all else a scheme, whose token68, if it has one, is skipped.
 * Servers that forget the commas between parameters are understood the same way. */

#include "protocol/challenge.h"

#include <string.h>

#include "protocol/oauth-scope.h"

#define FIELDS_MAX 16
#define FIELD_BYTES_MAX (16 * 1024)
#define ITEMS_MAX 128 /* schemes and parameters, in all fields */
#define URL_BYTES_MAX 2048
#define ERROR_BYTES_MAX 64

typedef struct
{
  const char *next;
  BfyChallenge *challenge; /* borrowed */
  gboolean has_scheme;
  gboolean is_bearer;
  guint n_items;
} Reader;

static gboolean
is_token_char (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c) != NULL);
}

static gsize
token_length (const char *text)
{
  gsize length = 0;

  while (is_token_char (text[length]))
    length++;

  return length;
}

static const char *
skip_spaces (const char *text)
{
  return text + strspn (text, " \t");
}

static gboolean
equals (const char *text, gsize length, const char *word)
{
  return strlen (word) == length && g_ascii_strncasecmp (text, word, length) == 0;
}

/* Past the quote that ends it, or NULL. */
static const char *
read_quoted (const char *text, GString *value)
{
  for (text++; *text != '"'; text++)
    {
      if (*text == '\\')
        text++;
      if (*text == '\0')
        return NULL;
      g_string_append_c (value, *text);
    }

  return text + 1;
}

/* Past the value of a parameter, or NULL. RFC 9110 wants quotes around all that is no token, such
 * as a URL; not all servers have read it. */
static const char *
read_value (const char *text, GString *value)
{
  gsize length = strcspn (text, ",; \t\"");

  if (*text == '"')
    return read_quoted (text, value);
  g_string_append_len (value, text, (gssize) length);

  return length > 0 ? text + length : NULL;
}

static char *
take_url (const char *value)
{
  gsize length = strnlen (value, URL_BYTES_MAX + 1);

  if (length == 0 || length > URL_BYTES_MAX)
    return NULL;
  for (const char *p = value; *p != '\0'; p++)
    {
      if (!g_ascii_isgraph (*p))
        return NULL;
    }

  return g_strdup (value);
}

static char *
take_error (const char *value)
{
  gsize length =
      strspn (value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

  return length > 0 && length <= ERROR_BYTES_MAX && value[length] == '\0' ? g_strdup (value) : NULL;
}

static const struct
{
  const char *name;
  char *(*take) (const char *value);
  gsize offset;
} parameters[] = {
  { "resource_metadata", take_url, G_STRUCT_OFFSET (BfyChallenge, resource_metadata) },
  { "scope", bfy_oauth_scope_normalise, G_STRUCT_OFFSET (BfyChallenge, scope) },
  { "error", take_error, G_STRUCT_OFFSET (BfyChallenge, error) },
};

static void
take_parameter (Reader *reader, const char *name, gsize length, const char *value)
{
  for (gsize i = 0; i < G_N_ELEMENTS (parameters); i++)
    {
      char **member = G_STRUCT_MEMBER_P (reader->challenge, parameters[i].offset);

      if (*member == NULL && equals (name, length, parameters[i].name))
        *member = parameters[i].take (value);
    }
}

/* A run of base64 or the like that ends the challenge, as in "Basic YWJj==, Bearer". */
static const char *
skip_token68 (const char *text)
{
  const char *end = text;

  while (g_ascii_isalnum (*end) || (*end != '\0' && strchr ("-._~+/", *end) != NULL))
    end++;
  if (end == text)
    return text;
  end += strspn (end, "=");
  end = skip_spaces (end);

  return *end == ',' || *end == '\0' ? end : text;
}

static void
take_scheme (Reader *reader, const char *name, gsize length)
{
  reader->has_scheme = TRUE;
  reader->is_bearer = equals (name, length, "Bearer");
  if (reader->is_bearer)
    reader->challenge->has_bearer = TRUE;
  else if (equals (name, length, "Basic"))
    reader->challenge->has_basic = TRUE;
  reader->next = skip_token68 (reader->next);
}

/* FALSE at the end, and at what cannot be read. */
static gboolean
read_item (Reader *reader)
{
  const char *name = reader->next + strspn (reader->next, ", \t");
  gsize length = token_length (name);
  g_autoptr (GString) value = NULL;

  if (length == 0 || ++reader->n_items > ITEMS_MAX)
    return FALSE;
  reader->next = skip_spaces (name + length);
  if (*reader->next != '=')
    {
      take_scheme (reader, name, length);
      return TRUE;
    }
  if (!reader->has_scheme)
    return FALSE;

  value = g_string_new (NULL);
  reader->next = read_value (skip_spaces (reader->next + 1), value);
  if (reader->next == NULL)
    return FALSE;
  if (reader->is_bearer)
    take_parameter (reader, name, length, value->str);

  return TRUE;
}

BfyChallenge *
bfy_challenge_parse (const char *const *fields)
{
  BfyChallenge *self = g_new0 (BfyChallenge, 1);
  Reader reader = { .challenge = self };

  for (gsize i = 0; fields != NULL && fields[i] != NULL && i < FIELDS_MAX; i++)
    {
      if (strnlen (fields[i], FIELD_BYTES_MAX + 1) > FIELD_BYTES_MAX)
        continue;
      reader.next = fields[i];
      reader.has_scheme = FALSE;
      reader.is_bearer = FALSE;
      while (read_item (&reader))
        ;
    }

  return self;
}

BfyChallenge *
bfy_challenge_parse_one (const char *field)
{
  const char *fields[] = { field, NULL };

  return bfy_challenge_parse (fields);
}

void
bfy_challenge_free (BfyChallenge *self)
{
  if (self == NULL)
    return;

  g_free (self->resource_metadata);
  g_free (self->scope);
  g_free (self->error);
  g_free (self);
}

gboolean
bfy_challenge_wants_more_scope (const BfyChallenge *self)
{
  return g_strcmp0 (self->error, "insufficient_scope") == 0;
}

gboolean
bfy_challenge_is_about_token (const BfyChallenge *self)
{
  return g_strcmp0 (self->error, "invalid_token") == 0 || bfy_challenge_wants_more_scope (self);
}
