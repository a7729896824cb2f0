/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/token-shape.h"

#include <string.h>

#define KEY_RUN_MIN 43 /* characters of 32 bytes in base64url */
#define HEX_RUN_MIN 40 /* characters of 20 bytes */
#define SECRET_MIN 24  /* of a run with slashes or dots: what is shorter is an id */
#define BASE64_PADDING_MAX 2

static gboolean
is_key_character (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '-';
}

/* clang-format off */
static const BfyTokenPattern shapes[] = {
  { "gh?_", BFY_TOKEN_KEY, 8, "github" },
  { "github_pat_", BFY_TOKEN_KEY, 8, "github" },
  { "lin_api_", BFY_TOKEN_KEY, 8, "linear" },
  { "lin_oauth_", BFY_TOKEN_KEY, 8, "linear" },
  { "fig?_", BFY_TOKEN_KEY, 8, "figma" },
  { "ntn_", BFY_TOKEN_KEY, 8, "notion" },
  { "secret_", BFY_TOKEN_ALNUM, 32, "notion" },
  { "ATATT", BFY_TOKEN_BASE64, 8, "atlassian" },
  { "ATCTT", BFY_TOKEN_BASE64, 8, "atlassian" },
  { "glpat-", BFY_TOKEN_DOTTED, 8, NULL },
  { "sk-", BFY_TOKEN_KEY, 20, NULL },
  { "xox?-", BFY_TOKEN_KEY, 8, NULL },
  { "xoxe.", BFY_TOKEN_DOTTED, 8, NULL },
  { "xapp-", BFY_TOKEN_KEY, 8, NULL },
  { "sk_live_", BFY_TOKEN_KEY, 8, NULL },
  { "sk_test_", BFY_TOKEN_KEY, 8, NULL },
  { "rk_live_", BFY_TOKEN_KEY, 8, NULL },
  { "whsec_", BFY_TOKEN_BASE64, 16, NULL },
  { "npm_", BFY_TOKEN_ALNUM, 20, NULL },
  { "pypi-", BFY_TOKEN_KEY, 32, NULL },
  { "hf_", BFY_TOKEN_ALNUM, 20, NULL },
  { "gsk_", BFY_TOKEN_ALNUM, 20, NULL },
  { "AIza", BFY_TOKEN_KEY, 30, NULL },
  { "ya29.", BFY_TOKEN_DOTTED, 16, NULL },
  { "GOCSPX-", BFY_TOKEN_KEY, 16, NULL },
  { "AKIA", BFY_TOKEN_ALNUM, 16, NULL },
  { "ASIA", BFY_TOKEN_ALNUM, 16, NULL },
  { "dckr_pat_", BFY_TOKEN_KEY, 16, NULL },
  { "dop_v1_", BFY_TOKEN_HEX, 32, NULL },
  { "shp?t_", BFY_TOKEN_HEX, 24, NULL },
  { "SG.", BFY_TOKEN_DOTTED, 32, NULL },
  { "eyJ", BFY_TOKEN_DOTTED, 16, NULL }, /* JSON in base64, so every JWT */
};
/* clang-format on */

static GPtrArray *more_shapes; /* (owned) (nullable) (element-type BfyTokenPattern) */

void
bfy_token_shape_add (GPtrArray *patterns)
{
  g_clear_pointer (&more_shapes, g_ptr_array_unref);
  more_shapes = patterns != NULL ? g_ptr_array_ref (patterns) : NULL;
}

static gsize
span_vendor_token (const char *text, const BfyTokenPattern **found)
{
  gsize longest = 0;

  for (guint i = 0; longest == 0 && i < G_N_ELEMENTS (shapes); i++)
    {
      if (shapes[i].prefix[0] != *text)
        continue;
      longest = bfy_token_pattern_span (&shapes[i], text);
      *found = &shapes[i];
    }
  for (guint i = 0; more_shapes != NULL && i < more_shapes->len; i++)
    {
      const BfyTokenPattern *pattern = g_ptr_array_index (more_shapes, i);
      gsize length = bfy_token_pattern_span (pattern, text);

      if (length <= longest)
        continue;
      longest = length;
      *found = pattern;
    }

  return longest;
}

gsize
bfy_token_shape_span (const char *text, char before)
{
  return bfy_token_shape_find (text, before, NULL);
}

gsize
bfy_token_shape_find (const char *text, char before, const char **service)
{
  const BfyTokenPattern *found = NULL;
  /* In the middle of a run the prefix is chance: half of a longer secret would be left behind. */
  gsize length = is_key_character (before) || before == '+' ? 0 : span_vendor_token (text, &found);

  if (service != NULL)
    *service = length > 0 ? found->service : NULL;
  if (length > 0 || !g_ascii_isxdigit (*text) || g_ascii_isxdigit (before))
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

/* A path has neither sum nor padding. */
static gboolean
is_base64 (const char *run, gsize run_length)
{
  return run[run_length - 1] == '=' || memchr (run, '+', run_length) != NULL;
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
  if (has_odd && *run != '/' && is_base64 (run, run_length))
    {
      begin = 0;
      end = run_length;
    }
  *offset = begin;

  return has_odd && end - begin >= SECRET_MIN ? end - begin : 0;
}
