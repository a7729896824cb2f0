/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Three signs of a token: the shape of a vendor, user info in a URL, and a name that says so with a
 * value behind it. References to variables and to other keepers are no values, and our own client
 * keys belong where they are. */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/plaintext.h"
#include "protocol/token-shape.h"

#define VALUE_MIN 8
#define PLAIN_VALUE_MIN 20 /* of one letter case and no digit: a shorter one is a word */
#define TAIL_LENGTH 4
#define TAIL_SECRET_MIN 16 /* of shorter ones four characters are too much */
#define SCHEME_MAX 8       /* letters of "Bearer" and its like */

static const struct
{
  const char *name, *kind;
} names[] = {
  { "token", N_ ("token") },         { "secret", N_ ("secret") },
  { "password", N_ ("password") },   { "apikey", N_ ("API key") },
  { "api_key", N_ ("API key") },     { "api-key", N_ ("API key") },
  { "_auth", N_ ("token") },         { "_password", N_ ("password") },
  { "authorization", N_ ("token") }, { "access_key", N_ ("API key") },
  { "\"auth\"", N_ ("password") },
};

static gboolean
is_name_character (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '-';
}

static gboolean
is_value_character (char c)
{
  return g_ascii_isgraph (c) && strchr ("\"'`,;<>(){}$\\", c) == NULL;
}

static gsize
span_value (const char *p)
{
  gsize length = 0;

  while (p[length] != '\0' && is_value_character (p[length]))
    length++;

  return length;
}

static void
add (BfyPlaintextScan *self,
     const BfyPlaintext *where,
     const char *kind,
     const char *value,
     gsize length)
{
  BfyPlaintext *found;

  if (self->found->len >= BFY_PLAINTEXT_FOUND_MAX)
    return;
  found = g_new0 (BfyPlaintext, 1);
  found->path = g_strdup (where->path);
  found->line = where->line;
  found->kind = kind;
  found->service = where->service;
  if (length >= TAIL_SECRET_MIN)
    memcpy (found->tail, value + length - TAIL_LENGTH, TAIL_LENGTH);
  g_ptr_array_add (self->found, found);
}

static gboolean
looks_like_secret (const char *value, gsize length)
{
  gboolean has_digit = FALSE, has_lower = FALSE, has_upper = FALSE, has_letter;

  if (length < VALUE_MIN || g_strstr_len (value, (gssize) length, "bnd_") != NULL ||
      g_strstr_len (value, (gssize) length, "://") != NULL)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      has_digit = has_digit || g_ascii_isdigit (value[i]);
      has_lower = has_lower || g_ascii_islower (value[i]);
      has_upper = has_upper || g_ascii_isupper (value[i]);
    }
  has_letter = has_lower || has_upper;

  return has_letter && (has_digit || (has_lower && has_upper) || length >= PLAIN_VALUE_MIN);
}

/* "Bearer " in front of a value. */
static const char *
skip_scheme (const char *p)
{
  gsize length = 0;

  while (length < SCHEME_MAX && g_ascii_isalpha (p[length]))
    length++;

  return length > 0 && p[length] == ' ' && is_value_character (p[length + 1]) ? p + length + 1 : p;
}

/* Behind a name: quotes and blanks around ":" or "=", or a blank as in .netrc. NULL for others. */
static const char *
find_value (const char *p)
{
  const char *value = p + strspn (p, "\\\"'");

  value += strspn (value, " \t");
  if (*value == '=' || *value == ':')
    value += 1 + strspn (value + 1, " \t");
  else if (value == p)
    return NULL;
  value += strspn (value, "\\\"'");

  return skip_scheme (value);
}

/* The end of a name is what tells: GITHUB_TOKEN does, token_limit does not. */
static const char *
match_name (const char *p, const char **kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gsize length = strlen (names[i].name);

      if (g_ascii_strncasecmp (p, names[i].name, length) != 0 || is_name_character (p[length]))
        continue;
      *kind = names[i].kind;
      return p + length;
    }

  return NULL;
}

/* Each gives what was taken, or NULL. */
static const char *
take_named (BfyPlaintextScan *self, BfyPlaintext *where, const char *p)
{
  const char *kind = NULL;
  const char *end = match_name (p, &kind);
  const char *value = end != NULL ? find_value (end) : NULL;
  gsize length = value != NULL ? span_value (value) : 0;

  if (length == 0 || value[length] == '$' || value[length] == '{' ||
      !looks_like_secret (value, length))
    return NULL;
  bfy_token_shape_find (value, ' ', &where->service);
  add (self, where, kind, value, length);

  return value + length;
}

static const char *
take_shape (BfyPlaintextScan *self, BfyPlaintext *where, const char *start, const char *p)
{
  char before = p == start ? ' ' : p[-1];
  gsize length = bfy_token_shape_find (p, before, &where->service);

  /* Long hexadecimal numbers are commits mostly. */
  if (length == 0 || (where->service == NULL && strspn (p, "0123456789abcdefABCDEF") >= length))
    return NULL;
  add (self, where, N_ ("token"), p, length);

  return p + length;
}

static const char *
take_user_info (BfyPlaintextScan *self, BfyPlaintext *where, const char *p)
{
  const char *colon, *user;
  gsize length;

  if (strncmp (p, "://", 3) != 0)
    return NULL;
  user = p + 3;
  length = strcspn (user, "/?#@ \t\r\n\"'<>");
  colon = memchr (user, ':', length);
  if (user[length] != '@' || colon == NULL || colon + 1 == user + length || colon[1] == '$')
    return NULL;
  where->service = NULL;
  bfy_token_shape_find (colon + 1, ' ', &where->service);
  add (self, where, N_ ("password"), colon + 1, (gsize) (user + length - colon - 1));

  return user + length;
}

static const char *
take (BfyPlaintextScan *self, BfyPlaintext *where, const char *start, const char *p)
{
  const char *end = NULL;

  where->service = NULL;
  if (*p == ':')
    return take_user_info (self, where, p);
  if (g_ascii_isalpha (*p) || *p == '_' || *p == '"')
    end = take_named (self, where, p);

  return end != NULL ? end : take_shape (self, where, start, p);
}

/* A member called "auth" holds a password, as docker writes it. */
static const char *
judge_name (const char *name)
{
  const char *kind = NULL;

  if (g_str_equal (name, "auth"))
    return N_ ("password");
  for (const char *p = name; *p != '\0'; p++)
    {
      const char *end = match_name (p, &kind);

      if (end != NULL && *end == '\0')
        return kind;
    }

  return NULL;
}

const char *
bfy_plaintext_judge (const char *name, const char *value, const char **service)
{
  gsize length = strlen (value);
  const char *kind = judge_name (name);
  gsize n_token = bfy_token_shape_find (value, ' ', service);

  if (strpbrk (value, "${") != NULL)
    return NULL;
  if (n_token == length && n_token > 0 &&
      (*service != NULL || strspn (value, "0123456789abcdefABCDEF") < length))
    return kind != NULL ? kind : N_ ("token");

  return kind != NULL && looks_like_secret (value, length) ? kind : NULL;
}

void
bfy_plaintext_scan_text (BfyPlaintextScan *self, const char *path, const char *text)
{
  BfyPlaintext where = { .path = (char *) path, .line = 1 };
  const char *p = text;

  while (*p != '\0')
    {
      const char *end = take (self, &where, text, p);

      if (end == NULL)
        end = p + 1;
      for (; p < end; p++)
        where.line += *p == '\n';
    }
}
