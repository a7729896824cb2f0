/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/minify.h"

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Index behind the closing quote of the string that starts at @start. */
static gsize
skip_string (const char *text, gsize length, gsize start)
{
  gsize at = start + 1;

  while (at < length && text[at] != '"')
    at += text[at] == '\\' ? 2 : 1;

  return MIN (at + 1, length);
}

/* Index of the next blank outside a string, or @length. */
static gsize
skip_tokens (const char *text, gsize length, gsize start)
{
  gsize at = start;

  while (at < length && !is_blank (text[at]))
    at = text[at] == '"' ? skip_string (text, length, at) : at + 1;

  return at;
}

void
bfy_minify_append (GString *out, const char *text, gsize length)
{
  gsize at = 0;

  while (at < length)
    {
      gsize stop = skip_tokens (text, length, at);

      g_string_append_len (out, text + at, (gssize) (stop - at));
      at = stop;
      while (at < length && is_blank (text[at]))
        at++;
    }
}
