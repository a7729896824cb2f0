/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What stands behind a name that says it all: `Authorization: …`, `"password":"…"`, `Bearer …`. */

#include "protocol/redact-private.h"

#define SCHEME_BLANKS " \t:"
#define ODD_VALUE_MIN 8 /* characters behind a scheme whose name is a plain word */

typedef struct
{
  const char *name;
  gboolean is_word; /* people write it as well: only `name=…` and `"name":…` count */
} Name;

typedef struct
{
  const char *name;
  gboolean is_word; /* only what looks random counts behind it */
} Scheme;

/* clang-format off */
static const Name names[] = {
  { "Authorization", FALSE },
  { "Cookie", FALSE },
  { "X-API-Key", FALSE },
  { "X-Figma-Token", FALSE },
  { "X-Auth-Token", FALSE },
  { "X-Goog-Api-Key", FALSE },
  { "Private-Token", FALSE },
  { "api_key", FALSE },
  { "apikey", FALSE },
  { "access_token", FALSE },
  { "refresh_token", FALSE },
  { "id_token", FALSE },
  { "client_secret", FALSE },
  { "client_assertion", FALSE },
  { "code_verifier", FALSE },
  { "private_key", FALSE },
  { "password", FALSE },
  { "passphrase", TRUE },
  { "passwd", TRUE },
  { "secret", TRUE },
  { "token", TRUE },
};

static const Scheme schemes[] = {
  { "Bearer", FALSE },
  { "Basic", FALSE },
  { "Digest", FALSE },
  { "DPoP", FALSE },
  { "Negotiate", FALSE },
  { "NTLM", FALSE },
  { "Hawk", FALSE },
  { "AWS4-HMAC-SHA256", FALSE },
  { "SCRAM-SHA-256", FALSE },
  { "GNAP", TRUE },
  { "Token", TRUE },
  { "OAuth", TRUE },
  { "ApiKey", TRUE },
  { "Api-Key", TRUE },
};
/* clang-format on */

static gboolean
is_scheme_character (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("._~+/=-:%", c) != NULL);
}

/* "token expired:invalid_grant" is a sentence, "token 3f9c0d1e" is not. */
static gboolean
is_odd (const char *value)
{
  gsize length = bfy_redact_span (value, is_scheme_character);
  gboolean has_digit = FALSE;

  for (gsize i = 0; i < length; i++)
    has_digit = has_digit || g_ascii_isdigit (value[i]);

  return has_digit && length >= ODD_VALUE_MIN;
}

/* The length of "Bearer " with all its blanks, 0 when there is no scheme. */
static gsize
span_one_scheme (const char *p)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      gsize length, n_blanks;

      if (!bfy_redact_starts_with (p, schemes[i].name))
        continue;
      length = strlen (schemes[i].name);
      n_blanks = strspn (p + length, SCHEME_BLANKS);
      if (n_blanks > 0 && (!schemes[i].is_word || is_odd (p + length + n_blanks)))
        return length + n_blanks;
    }

  return 0;
}

/* "Bearer Bearer …" is what a pasted header becomes. */
static gsize
span_scheme (const char *p)
{
  gsize length = 0;
  gsize n;

  while ((n = span_one_scheme (p + length)) > 0)
    length += n;

  return length;
}

static gboolean
redact_scheme (BfyRedactScan *scan)
{
  gsize scheme_length = span_scheme (scan->p);
  gsize length;

  if (scheme_length == 0)
    return FALSE;
  length = bfy_redact_span (scan->p + scheme_length, is_scheme_character);
  if (length > 0 &&
      g_str_has_prefix (scan->p + scheme_length + length, BFY_REDACTED)) /* bnd_[REDACTED] */
    length += strlen (BFY_REDACTED);

  bfy_redact_keep (scan, scheme_length);
  if (length > 0)
    bfy_redact_replace (scan, length, BFY_REDACTED);

  return TRUE;
}

static const Name *
find_name (const char *p)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (bfy_redact_starts_with (p, names[i].name))
        return &names[i];
    }

  return NULL;
}

/* What the value stands in, and what comes in front of that quote. */
typedef struct
{
  char quote;          /* or NUL */
  gboolean is_escaped; /* JSON inside a JSON text: \" */
  gboolean is_word;
} Dress;

/* Where the value begins behind the name of a secret header or member, or NULL. */
static const char *
find_secret_value (const char *p, Dress *dress)
{
  const Name *name = find_name (p);
  const char *value;
  gsize n_quotes;

  if (name == NULL)
    return NULL;
  value = p + strlen (name->name);
  n_quotes = strspn (value, "\\\"'");
  value += n_quotes;
  value += strspn (value, " \t");
  if (*value != '=' && (*value != ':' || (name->is_word && n_quotes == 0)))
    return NULL;

  value += 1 + strspn (value + 1, " \t");
  dress->is_word = name->is_word;
  dress->is_escaped = *value == '\\' && (value[1] == '"' || value[1] == '\'');
  if (dress->is_escaped)
    value++;
  dress->quote = *value == '"' || *value == '\'' ? *value++ : '\0';

  return value + span_scheme (value);
}

static gsize
span_quoted (const char *value, const Dress *dress)
{
  gsize length = 0;

  while (value[length] != '\0' && value[length] != dress->quote && value[length] != '\n' &&
         value[length] != '\r')
    length += value[length] == '\\' && !dress->is_escaped && value[length + 1] != '\0' ? 2 : 1;

  return length;
}

/* `Authorization: scheme value`, `"cookie":"value"`: everything up to the closing quote or the end
 * of the line is the value; behind a plain word, up to a blank. */
static gboolean
redact_named (BfyRedactScan *scan)
{
  Dress dress = { 0 };
  const char *value = find_secret_value (scan->p, &dress);
  gsize length;

  if (value == NULL)
    return FALSE;

  if (dress.quote != '\0')
    length = span_quoted (value, &dress);
  else
    length = dress.is_word ? bfy_redact_span (value, bfy_redact_is_value) : strcspn (value, "\r\n");
  bfy_redact_keep (scan, (gsize) (value - scan->p));
  if (length > 0)
    bfy_redact_replace (scan, length, BFY_REDACTED);

  return TRUE;
}

gboolean
bfy_redact_value (BfyRedactScan *scan)
{
  return g_ascii_isalpha (*scan->p) && bfy_redact_is_at_word_start (scan) &&
         (redact_named (scan) || redact_scheme (scan));
}
