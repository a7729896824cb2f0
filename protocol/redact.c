/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Five passes, from what is certain to what is only likely (behaviour 20.2): client keys, values of
 * secret headers and auth schemes, parts of URLs, shapes of known vendors, long runs. Each pass
 * leaves alone what an earlier one wrote. */

#include "protocol/redact.h"

#include <string.h>

#include "protocol/secret.h"
#include "protocol/token-shape.h"

#define GROWTH 4 /* no replacement makes a line longer by more than this factor */
#define SHORTEST_BYTES 64
#define SCHEME_BLANKS " \t:"
#define REDACTED "[REDACTED]"

typedef struct
{
  const char *start; /* of the whole text */
  const char *p;     /* what comes next */
  GString *out;
} Scan;

typedef gboolean (*Rule) (Scan *scan);

static gboolean
is_key_character (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '-';
}

static gboolean
is_scheme_character (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("._~+/=-:%", c) != NULL);
}

/* All but white space, quotes and the brackets that people put around a URL. */
static gboolean
is_value (char c)
{
  return c != '\0' && !g_ascii_isspace (c) && strchr ("\"'<>`", c) == NULL;
}

static gsize
span_while (const char *p, gboolean (*accepts) (char c))
{
  gsize length = 0;

  while (accepts (p[length]))
    length++;

  return length;
}

static gboolean
is_at_word_start (const Scan *scan)
{
  return scan->p == scan->start || !g_ascii_isalnum (scan->p[-1]);
}

static gboolean
starts_with (const char *p, const char *prefix)
{
  return g_ascii_strncasecmp (p, prefix, strlen (prefix)) == 0;
}

static void
replace_counted (Scan *scan, gsize length)
{
  g_string_append_printf (scan->out, "[REDACTED:%" G_GSIZE_FORMAT "chars]", length);
  scan->p += length;
}

static void
replace (Scan *scan, gsize length)
{
  if (length > 0)
    g_string_append (scan->out, REDACTED);
  scan->p += length;
}

static void
copy (Scan *scan, gsize length)
{
  g_string_append_len (scan->out, scan->p, length);
  scan->p += length;
}

/* bnd_local_… and whatever else has our prefix; in the middle of a longer word it is chance. */
static gboolean
redact_client_key (Scan *scan)
{
  static const char prefix[] = "bnd_";
  gsize length;

  if (!g_str_has_prefix (scan->p, prefix) ||
      (scan->p > scan->start && is_key_character (scan->p[-1])))
    return FALSE;
  length = span_while (scan->p + strlen (prefix), is_key_character);
  if (length == 0)
    return FALSE;

  g_string_append (scan->out, "bnd_" REDACTED);
  scan->p += strlen (prefix) + length;

  return TRUE;
}

/* The length of "Bearer " with all its blanks, 0 when there is no scheme. */
static gsize
span_one_scheme (const char *p)
{
  static const char *const schemes[] = { "Bearer", "Basic", "Digest", "DPoP", "Negotiate" };

  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      gsize length = strlen (schemes[i]);

      if (starts_with (p, schemes[i]) && strspn (p + length, SCHEME_BLANKS) > 0)
        return length + strspn (p + length, SCHEME_BLANKS);
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
redact_scheme (Scan *scan)
{
  gsize scheme_length = is_at_word_start (scan) ? span_scheme (scan->p) : 0;
  gsize length;

  if (scheme_length == 0)
    return FALSE;
  length = span_while (scan->p + scheme_length, is_scheme_character);
  if (length > 0 &&
      g_str_has_prefix (scan->p + scheme_length + length, REDACTED)) /* bnd_[REDACTED] */
    length += strlen (REDACTED);

  copy (scan, scheme_length);
  replace (scan, length);

  return TRUE;
}

/* Where the value begins behind the name of a secret header or member, or NULL. @quote is what the
 * value stands in, or NUL. */
static const char *
find_secret_value (const char *p, char *quote)
{
  static const char *const names[] = { "Authorization", "Cookie",        "X-API-Key",
                                       "X-Figma-Token", "api_key",       "access_token",
                                       "refresh_token", "client_secret", "password" };
  const char *value = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (starts_with (p, names[i]))
        value = p + strlen (names[i]);
    }
  if (value == NULL)
    return NULL;

  value += strspn (value, "\"'");
  value += strspn (value, " \t");
  if (*value != ':' && *value != '=')
    return NULL;
  value += 1 + strspn (value + 1, " \t");
  *quote = *value == '"' || *value == '\'' ? *value++ : '\0';

  return value + span_scheme (value);
}

/* `Authorization: scheme value`, `"cookie":"value"`: everything up to the closing quote or the end
 * of the line is the value. */
static gboolean
redact_named (Scan *scan)
{
  char ends[] = "\r\n?"; /* the last is the quote */
  const char *value;

  value = is_at_word_start (scan) ? find_secret_value (scan->p, &ends[2]) : NULL;
  if (value == NULL)
    return FALSE;

  copy (scan, value - scan->p);
  replace (scan, strcspn (value, ends));

  return TRUE;
}

static gboolean
redact_value (Scan *scan)
{
  return redact_named (scan) || redact_scheme (scan);
}

/* user:password@ behind "://". */
static gboolean
redact_user_info (Scan *scan)
{
  static const char mark[] = "://";
  const char *at = NULL;

  if (!g_str_has_prefix (scan->p, mark))
    return FALSE;

  copy (scan, strlen (mark));
  for (const char *p = scan->p; is_value (*p) && strchr ("/?#", *p) == NULL; p++)
    {
      if (*p == '@')
        at = p;
    }
  if (at != NULL)
    replace (scan, at - scan->p);

  return TRUE;
}

/* The query of a URL or path, and a fragment that holds parameters, as OAuth has it. A question
 * mark at the end of a sentence stays, so does the number of an issue. */
static gboolean
redact_query (Scan *scan)
{
  gboolean is_query = *scan->p == '?';

  if (*scan->p == '#')
    is_query = scan->p[1 + span_while (scan->p + 1, is_key_character)] == '=';
  if (!is_query)
    return FALSE;

  copy (scan, 1);
  replace (scan, span_while (scan->p, is_value));

  return TRUE;
}

static gboolean
redact_url (Scan *scan)
{
  return redact_user_info (scan) || redact_query (scan);
}

static gboolean
redact_shape (Scan *scan)
{
  char before = scan->p == scan->start ? ' ' : scan->p[-1];
  gsize length = bfy_token_shape_span (scan->p, before);

  if (length == 0)
    return FALSE;
  replace_counted (scan, length);

  return TRUE;
}

static gboolean
redact_run (Scan *scan)
{
  gsize run_length = bfy_token_run_span (scan->p);
  gsize offset = 0;
  gsize length = bfy_token_run_find (scan->p, run_length, &offset);

  if (length > 0)
    {
      copy (scan, offset);
      replace_counted (scan, length);
      copy (scan, run_length - offset - length);
      return TRUE;
    }

  copy (scan, run_length);

  return run_length > 0;
}

static char *
apply (const char *text, Rule rule)
{
  gsize length = strlen (text);
  Scan scan = { text, text, g_string_sized_new (length * GROWTH + SHORTEST_BYTES) };

  while (*scan.p != '\0')
    {
      if (!rule (&scan))
        copy (&scan, 1);
    }

  return g_string_free (scan.out, FALSE);
}

char *
bfy_redact (const char *text)
{
  static const Rule rules[] = { redact_client_key, redact_value, redact_url, redact_shape,
                                redact_run };
  char *line = g_strdup (text != NULL ? text : "");

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_auto (BfyWipedText) before = line;

      line = apply (before, rules[i]);
    }

  return line;
}
