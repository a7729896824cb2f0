/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Files that are read line by line: variables, .netrc, and URLs with their passwords. */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/import/scan-private.h"

#define BLANKS " \t\r"

/* A part of the text, as long as it is looked at. */
static char *
copy (const char *begin, const char *end)
{
  return g_strndup (begin, (gsize) (end - begin));
}

static void
take (GPtrArray *finds, BfyFind *find, const char *text, const char *begin, const char *end)
{
  if (find == NULL)
    return;
  find->begin = (gsize) (begin - text);
  find->end = (gsize) (end - text);
  g_ptr_array_add (finds, find);
}

/* `export NAME=`, `set -gx NAME `, `//npm.example/:_authToken=`: the last word of it. */
static const char *
find_name (const char *line, const char *end)
{
  const char *name = end;

  while (name > line && strchr (BLANKS, name[-1]) == NULL)
    name--;

  return name;
}

/* Where the value begins, and the end of the name; fish separates them by a blank. */
static const char *
find_value (const char *line, const char *end, const char **name_end)
{
  const char *equals = memchr (line, '=', (gsize) (end - line));
  const char *value = equals != NULL ? equals + 1 : end;

  *name_end = equals;
  if (g_str_has_prefix (line, "set -") || g_str_has_prefix (line, "set "))
    {
      const char *p = end;

      while (p > line && strchr (BLANKS, p[-1]) == NULL)
        p--;
      value = p;
      *name_end = p;
    }
  else if (equals == NULL)
    return NULL;
  while (*name_end > line && strchr (BLANKS, (*name_end)[-1]) != NULL)
    (*name_end)--;

  return value + strspn (value, " \t");
}

/* Within quotes, or up to a blank or a comment. */
static const char *
find_value_end (const char **value, const char *end)
{
  const char *p = *value;

  if (p < end && (*p == '"' || *p == '\''))
    {
      const char *quote = memchr (p + 1, *p, (gsize) (end - p - 1));

      *value = p + 1;
      return quote != NULL ? quote : end;
    }
  while (p < end && strchr (BLANKS ";", *p) == NULL)
    p++;

  return p;
}

static void
scan_line (const char *text, const char *line, const char *end, GPtrArray *finds)
{
  const char *start = line + strspn (line, BLANKS);
  const char *name_end = NULL, *value, *value_end;
  g_autofree char *name = NULL;
  g_auto (BfyWipedText) secret = NULL;
  BfyFind *find;

  if (start >= end || *start == '#')
    return;
  value = find_value (start, end, &name_end);
  if (value == NULL || value >= end)
    return;
  value_end = find_value_end (&value, end);
  name = copy (find_name (start, name_end), name_end);
  secret = copy (value, value_end);
  find = bfy_find_new (name, secret);
  if (find != NULL && g_str_has_prefix (name, "//"))
    {
      g_autofree char *host = g_strndup (name + 2, strcspn (name + 2, "/:"));

      bfy_find_set_host (find, host);
    }
  take (finds, find, text, value, value_end);
}

typedef void (*LineFunc) (const char *text, const char *line, const char *end, GPtrArray *finds);

static void
each_line (const char *text, LineFunc func, GPtrArray *finds)
{
  const char *line = text;

  while (*line != '\0')
    {
      const char *end = line + strcspn (line, "\r\n");

      func (text, line, end, finds);
      line = end + (*end != '\0');
    }
}

void
bfy_scan_lines (const char *text, GPtrArray *finds)
{
  each_line (text, scan_line, finds);
}

static void
scan_url (const char *text, const char *line, const char *end, GPtrArray *finds)
{
  const char *scheme = g_strstr_len (line, end - line, "://");
  const char *at = scheme != NULL ? memchr (scheme, '@', (gsize) (end - scheme)) : NULL;
  const char *colon = at != NULL ? memchr (scheme + 3, ':', (gsize) (at - scheme - 3)) : NULL;
  g_auto (BfyWipedText) secret = NULL;
  g_autofree char *host = NULL;
  BfyFind *find;

  if (colon == NULL || colon + 1 == at)
    return;
  secret = copy (colon + 1, at);
  host = g_strndup (at + 1, MIN ((gsize) (end - at - 1), strcspn (at + 1, "/:")));
  find = bfy_find_new_sure (host, N_ ("password"), secret);
  bfy_find_set_host (find, host);
  take (finds, find, text, colon + 1, at);
}

void
bfy_scan_urls (const char *text, GPtrArray *finds)
{
  each_line (text, scan_url, finds);
}

/* Words: machine HOST login NAME password SECRET, in any layout. */
void
bfy_scan_netrc (const char *text, GPtrArray *finds)
{
  g_autofree char *host = NULL;
  g_auto (BfyWipedText) before = NULL;
  const char *p = text + strspn (text, BLANKS "\n");

  while (*p != '\0')
    {
      const char *end = p + strcspn (p, BLANKS "\n");
      g_auto (BfyWipedText) word = copy (p, end);

      if (before != NULL && g_str_equal (before, "machine"))
        {
          g_free (host);
          host = g_strdup (word);
        }
      else if (before != NULL && g_str_equal (before, "password"))
        {
          BfyFind *find = bfy_find_new_sure ("password", N_ ("password"), word);

          bfy_find_set_host (find, host);
          take (finds, find, text, p, end);
        }
      bfy_wipe_free (g_steal_pointer (&before));
      before = g_steal_pointer (&word);
      p = end + strspn (end, BLANKS "\n");
    }
}
