/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>
#include <string.h>

/* Between the pieces of redact.c: one pass over a line. Most lines hold nothing that looks like a
 * credential, so nothing is copied before something is found. */
#define BFY_REDACTED "[REDACTED]"

typedef struct
{
  const char *start;  /* of the whole text */
  const char *p;      /* what comes next */
  const char *copied; /* what is not in @out yet */
  GString *out;       /* (owned) (nullable) */
  gsize length;       /* of the whole text */
} BfyRedactScan;

/* Looks at what comes next. TRUE when it went on by itself, FALSE for one byte that stays. */
typedef gboolean (*BfyRedactRule) (BfyRedactScan *scan);

static inline gboolean
bfy_redact_is_key (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '-';
}

/* All but white space, quotes and the brackets that people put around a URL. */
static inline gboolean
bfy_redact_is_value (char c)
{
  return c != '\0' && !g_ascii_isspace (c) && c != '"' && c != '\'' && c != '<' && c != '>' &&
         c != '`';
}

static inline gsize
bfy_redact_span (const char *p, gboolean (*accepts) (char c))
{
  gsize length = 0;

  while (accepts (p[length]))
    length++;

  return length;
}

static inline gboolean
bfy_redact_is_at_word_start (const BfyRedactScan *scan)
{
  return scan->p == scan->start || !g_ascii_isalnum (scan->p[-1]);
}

/* @prefix is not empty; letters in either case. The first one decides mostly. */
static inline gboolean
bfy_redact_starts_with (const char *p, const char *prefix)
{
  return ((*p ^ *prefix) & ~0x20) == 0 && g_ascii_strncasecmp (p, prefix, strlen (prefix)) == 0;
}

/* What comes next stays. */
static inline void
bfy_redact_keep (BfyRedactScan *scan, gsize length)
{
  scan->p += length;
}

/* Puts @text in the place of what comes next. */
void bfy_redact_replace (BfyRedactScan *scan, gsize length, const char *text);
void bfy_redact_replace_counted (BfyRedactScan *scan, gsize length);

gboolean bfy_redact_value (BfyRedactScan *scan);    /* secret headers and members, auth schemes */
gboolean bfy_redact_url (BfyRedactScan *scan);      /* user info, queries */
gboolean bfy_redact_path_key (BfyRedactScan *scan); /* in our own routes */
