/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/all/name.h"

#include <string.h>

#define SEPARATOR "__"
#define DIGEST_LENGTH 8
#define UTF8_LENGTH_MAX 4
#define SCHEME "bindify://"
#define VIEW_SCHEME "ui://"
#define VIEW_HOST "ui://bindify/"

static char *
digest (const char *text)
{
  g_autofree char *whole = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  return g_strndup (whole, DIGEST_LENGTH);
}

/* Whether @text ends in @mark and a digest. */
static gboolean
ends_in_digest (const char *text, char mark)
{
  gsize length = strlen (text);
  const char *at = text + length - DIGEST_LENGTH;

  if (length <= DIGEST_LENGTH || at[-1] != mark)
    return FALSE;
  for (; *at != '\0'; at++)
    if (!g_ascii_isxdigit (*at) || g_ascii_isupper (*at))
      return FALSE;

  return TRUE;
}

char *
bfy_all_prefix (const char *binding)
{
  g_autofree char *start = NULL;
  g_autofree char *end = NULL;

  if (strlen (binding) <= BFY_ALL_PREFIX_MAX && strstr (binding, SEPARATOR) == NULL &&
      !g_str_has_suffix (binding, "_") && !ends_in_digest (binding, '-'))
    return g_strdup (binding);

  start = g_strndup (binding, BFY_ALL_PREFIX_MAX - DIGEST_LENGTH - 1);
  g_strdelimit (start, "_", '-');
  end = digest (binding);

  return g_strconcat (start, "-", end, NULL);
}

gboolean
bfy_all_name_is_short (const char *text)
{
  gsize length = strlen (text);

  return length <= BFY_ALL_NAME_MAX && length > BFY_ALL_NAME_MAX - UTF8_LENGTH_MAX &&
         ends_in_digest (text, '_');
}

/* At most @n_max bytes, and no character cut in two. */
static char *
cut (const char *text, gsize n_max)
{
  while (n_max > 0 && (text[n_max] & 0xc0) == 0x80)
    n_max--;

  return g_strndup (text, n_max);
}

char *
bfy_all_name_encode (const char *prefix, const char *name)
{
  g_autofree char *whole = g_strconcat (prefix, SEPARATOR, name, NULL);
  g_autofree char *start = NULL;
  g_autofree char *end = NULL;

  /* A name that only looks shortened would be taken for it. */
  if (strlen (whole) <= BFY_ALL_NAME_MAX && !bfy_all_name_is_short (whole))
    return g_steal_pointer (&whole);

  start = cut (whole, MIN (strlen (whole), BFY_ALL_NAME_MAX - DIGEST_LENGTH - 1));
  end = digest (name);

  return g_strconcat (start, "_", end, NULL);
}

char *
bfy_all_name_split (const char *text, const char **rest)
{
  const char *at = strstr (text, SEPARATOR);

  if (at == NULL || at == text)
    return NULL;
  *rest = at + strlen (SEPARATOR);

  return g_strndup (text, (gsize) (at - text));
}

char *
bfy_all_task_encode (const char *prefix, const char *id)
{
  return g_strconcat (prefix, SEPARATOR, id, NULL);
}

char *
bfy_all_uri_encode (const char *prefix, const char *uri)
{
  if (g_str_has_prefix (uri, VIEW_SCHEME))
    return g_strconcat (VIEW_HOST, prefix, "/", uri + strlen (VIEW_SCHEME), NULL);

  return g_strconcat (SCHEME, prefix, "/", uri, NULL);
}

char *
bfy_all_uri_split (const char *text, char **uri)
{
  gboolean is_view = g_str_has_prefix (text, VIEW_HOST);
  const char *start = text + strlen (is_view ? VIEW_HOST : SCHEME);
  const char *end;

  if (!is_view && !g_str_has_prefix (text, SCHEME))
    return NULL;
  end = strchr (start, '/');
  if (end == NULL || end == start)
    return NULL;
  *uri = is_view ? g_strconcat (VIEW_SCHEME, end + 1, NULL) : g_strdup (end + 1);

  return g_strndup (start, (gsize) (end - start));
}
