/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What URLs and paths carry: user info, queries, and the client key in a path of ours. A key that
 * was mistyped or cut is no key by its shape, so what stands in its place goes whatever it is
 * (behaviour 20.2, 20.3). */

#include "protocol/redact-private.h"

#define HOST_LENGTH_MAX 64

/* user:password@ behind "://". */
static gboolean
redact_user_info (BfyRedactScan *scan)
{
  static const char mark[] = "://";
  const char *at = NULL;

  if (!g_str_has_prefix (scan->p, mark))
    return FALSE;

  bfy_redact_keep (scan, strlen (mark));
  for (const char *p = scan->p; bfy_redact_is_value (*p) && *p != '/' && *p != '?' && *p != '#';
       p++)
    {
      if (*p == '@')
        at = p;
    }
  if (at != NULL && at > scan->p)
    bfy_redact_replace (scan, (gsize) (at - scan->p), BFY_REDACTED);

  return TRUE;
}

/* The query of a URL or path, and a fragment that holds parameters, as OAuth has it. A question
 * mark at the end of a sentence stays, so does the number of an issue. */
static gboolean
redact_query (BfyRedactScan *scan)
{
  gsize length;

  if (*scan->p == '#' && scan->p[1 + bfy_redact_span (scan->p + 1, bfy_redact_is_key)] != '=')
    return FALSE;

  bfy_redact_keep (scan, 1);
  length = bfy_redact_span (scan->p, bfy_redact_is_value);
  if (length > 0)
    bfy_redact_replace (scan, length, BFY_REDACTED);

  return TRUE;
}

static gboolean
is_host_character (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr (".:[]", c) != NULL);
}

/* A path by itself, or behind our own address: elsewhere "/mcp/…" is somebody else's. */
static gboolean
is_own_path (const BfyRedactScan *scan)
{
  static const char *const hosts[] = { "127.0.0.1", "localhost", "[::1]" };
  const char *host = scan->p;

  if (host == scan->start || !(bfy_redact_is_key (host[-1]) || is_host_character (host[-1])))
    return TRUE;
  while (host > scan->start && scan->p - host < HOST_LENGTH_MAX && is_host_character (host[-1]))
    host--;
  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      if (bfy_redact_starts_with (host, hosts[i]))
        return TRUE;
    }

  return FALSE;
}

static gsize
span_segment (const char *p)
{
  gsize length = 0;

  while (bfy_redact_is_value (p[length]) && p[length] != '/' && p[length] != '?' &&
         p[length] != '#')
    length++;

  return length;
}

static gboolean
is_segment (const char *segment, gsize length, const char *text)
{
  return strlen (text) == length && strncmp (segment, text, length) == 0;
}

/* Where the key begins in /mcp/NAME/KEY or /http/NAME/~KEY, or NULL. */
static const char *
find_path_key (const char *p)
{
  gboolean is_http = g_str_has_prefix (p, "/http/");
  const char *name, *key;
  gsize length;

  if (!is_http && !g_str_has_prefix (p, "/mcp/"))
    return NULL;
  name = p + strlen (is_http ? "/http/" : "/mcp/");
  length = span_segment (name);
  if (length == 0 || name[length] != '/')
    return NULL;
  key = name + length + 1;
  if (is_http)
    return *key == '~' ? key : NULL;

  length = span_segment (key);
  return is_segment (key, length, "sse") || is_segment (key, length, "messages") ? NULL : key;
}

gboolean
bfy_redact_path_key (BfyRedactScan *scan)
{
  const char *key = find_path_key (scan->p);
  gsize length = key != NULL && is_own_path (scan) ? span_segment (key) : 0;

  if (length == 0)
    return FALSE;

  bfy_redact_keep (scan, (gsize) (key - scan->p));
  if (g_str_has_prefix (key, "bnd_[REDACTED") || g_str_has_prefix (key, "[REDACTED"))
    bfy_redact_keep (scan, length);
  else
    bfy_redact_replace_counted (scan, length);

  return TRUE;
}

gboolean
bfy_redact_url (BfyRedactScan *scan)
{
  switch (*scan->p)
    {
    case ':':
      return redact_user_info (scan);
    case '?':
    case '#':
      return redact_query (scan);
    default:
      return FALSE;
    }
}
