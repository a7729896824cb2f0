/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/token-shape.h"

#include <string.h>

#define KEY_RUN_MIN 43 /* characters of 32 bytes in base64url */
#define HEX_RUN_MIN 40 /* characters of 20 bytes */
#define SECRET_MIN 24  /* of a run with slashes or dots: what is shorter is an id */
#define BASE64_PADDING_MAX 2

typedef struct
{
  const char *prefix; /* "?" stands for one letter */
  gsize tail_min;     /* characters behind it, so that a mention of the prefix stays */
  const char *extra;  /* characters of the tail besides key characters */
} Shape;

/* clang-format off */
static const Shape shapes[] = {
  { "gh?_", 8, "" },
  { "github_pat_", 8, "" },
  { "glpat-", 8, "." },
  { "lin_api_", 8, "" },
  { "lin_oauth_", 8, "" },
  { "figd_", 8, "" },
  { "ntn_", 8, "" },
  { "sk-", 20, "" },
  { "xox?-", 8, "" },
  { "ATATT", 8, "=" },
  { "eyJ", 16, ".+/=%" }, /* JSON in base64, so every JWT */
};
/* clang-format on */

static gboolean
is_key_character (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '-';
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

static gsize
span_tail (const char *p, const char *extra)
{
  gsize length = 0;

  while (is_key_character (p[length]) || (p[length] != '\0' && strchr (extra, p[length]) != NULL))
    length++;

  return length;
}

static gsize
span_vendor_token (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      gsize prefix_length = span_prefix (text, shapes[i].prefix);
      gsize tail_length = prefix_length > 0 ? span_tail (text + prefix_length, shapes[i].extra) : 0;

      if (tail_length >= shapes[i].tail_min)
        return prefix_length + tail_length;
    }

  return 0;
}

gsize
bfy_token_shape_span (const char *text, char before)
{
  /* In the middle of a run the prefix is chance: half of a longer secret would be left behind. */
  gsize length = is_key_character (before) || before == '+' ? 0 : span_vendor_token (text);

  if (length > 0 || g_ascii_isxdigit (before))
    return length;
  while (g_ascii_isxdigit (text[length]))
    length++;

  return length >= HEX_RUN_MIN ? length : 0;
}

/* The length of one character of a run, an escape being one, or 0. */
static gsize
span_run_character (const char *p)
{
  if (*p == '%' && g_ascii_isxdigit (p[1]) && g_ascii_isxdigit (p[2]))
    return 3;

  return is_key_character (*p) || (*p != '\0' && strchr ("+/~.", *p) != NULL) ? 1 : 0;
}

gsize
bfy_token_run_span (const char *text)
{
  gsize length = 0;
  gsize n;

  while ((n = span_run_character (text + length)) > 0)
    length += n;

  return length > 0 ? length + MIN (strspn (text + length, "="), BASE64_PADDING_MAX) : 0;
}

/* Random text of some length is hardly ever plain, and seldom a name. */
typedef enum
{
  PIECE_PLAIN, /* lower case with digits, or ALL CAPITALS */
  PIECE_NAME,  /* CamelCase without digits */
  PIECE_ODD,   /* what no person would write */
} PieceKind;

static PieceKind
judge_piece (const char *piece, gsize length)
{
  gboolean has_lower = FALSE;
  gboolean has_upper = FALSE;
  gboolean is_camel = TRUE;

  if (length >= KEY_RUN_MIN)
    return PIECE_ODD;

  for (gsize i = 0; i < length; i++)
    {
      gboolean is_upper = g_ascii_isupper (piece[i]);

      if (!is_key_character (piece[i]) && piece[i] != '~')
        return PIECE_ODD;
      if (g_ascii_isdigit (piece[i]) || (is_upper && i > 0 && g_ascii_isupper (piece[i - 1])))
        is_camel = FALSE;
      has_lower = has_lower || g_ascii_islower (piece[i]);
      has_upper = has_upper || is_upper;
    }
  if (!has_lower || !has_upper)
    return PIECE_PLAIN;

  return is_camel ? PIECE_NAME : PIECE_ODD;
}

static gsize
span_piece (const char *run, gsize length)
{
  gsize n = 0;

  while (n < length && run[n] != '/' && run[n] != '.')
    n++;

  return n;
}

gsize
bfy_token_run_find (const char *run, gsize run_length, gsize *offset)
{
  gsize begin = run_length; /* of the first piece that is not plain */
  gsize end = run_length;   /* of the last one */
  gboolean has_odd = FALSE;
  gsize length;

  if (run_length < KEY_RUN_MIN)
    return 0;

  for (gsize i = 0; i < run_length; i += length + 1)
    {
      PieceKind kind;

      length = span_piece (run + i, run_length - i);
      kind = judge_piece (run + i, length);
      if (kind == PIECE_PLAIN)
        continue;
      begin = MIN (begin, i);
      end = i + length;
      has_odd = has_odd || kind == PIECE_ODD;
    }
  *offset = begin;

  return has_odd && end - begin >= SECRET_MIN ? end - begin : 0;
}
