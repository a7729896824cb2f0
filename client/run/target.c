/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/target.h"

#include <string.h>

#define METHOD "CONNECT "
#define LOGIN "Proxy-Authorization: Basic "
#define LABEL_BYTES_MAX 63
#define PORT_DIGITS_MAX 5

static gboolean
is_label (const char *text, gsize length)
{
  if (length == 0 || length > LABEL_BYTES_MAX || text[0] == '-' || text[length - 1] == '-')
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isalnum (text[i]) && text[i] != '-')
        return FALSE;
    }

  return TRUE;
}

/* Resolvers take a name whose last part begins with a digit for an address ("127.1", "0x7f000001"),
 * and no top-level domain does. */
static gboolean
is_host (const char *text, gsize length)
{
  const char *last = text;

  if (length == 0 || length > BFY_RUN_HOST_BYTES_MAX)
    return FALSE;
  for (const char *end = text + length, *dot;; last = dot + 1)
    {
      dot = memchr (last, '.', (gsize) (end - last));
      if (!is_label (last, (gsize) ((dot != NULL ? dot : end) - last)))
        return FALSE;
      if (dot == NULL)
        return !g_ascii_isdigit (*last);
    }
}

static gboolean
read_port (const char *text, gsize length, guint16 *port)
{
  guint32 number = 0;

  if (length == 0 || length > PORT_DIGITS_MAX || text[0] == '0')
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return FALSE;
      number = number * 10 + (guint32) (text[i] - '0');
    }
  *port = (guint16) number;

  return number <= G_MAXUINT16;
}

gboolean
bfy_run_target_parse (const char *text, gsize length, guint16 port, BfyRunTarget *target)
{
  const char *colon = memchr (text, ':', length);
  gsize n_host = colon != NULL ? (gsize) (colon - text) : length;

  target->port = port;
  if (!is_host (text, n_host) || (colon == NULL && port == 0) ||
      (colon != NULL && !read_port (colon + 1, length - n_host - 1, &target->port)))
    return FALSE;
  for (gsize i = 0; i < n_host; i++)
    target->host[i] = g_ascii_tolower (text[i]);
  target->host[n_host] = '\0';

  return TRUE;
}

static BfyRunHead
read_line (const char *line, gsize length, BfyRunTarget *target)
{
  const gsize n_method = strlen (METHOD);
  const char *text = line + n_method;
  const char *blank;

  if (memchr (line, '\0', length) != NULL || !g_ascii_isupper (line[0]))
    return BFY_RUN_HEAD_BAD;
  if (length < n_method || memcmp (line, METHOD, n_method) != 0)
    return BFY_RUN_HEAD_OTHER;
  blank = memchr (text, ' ', length - n_method);
  if (blank == NULL)
    return BFY_RUN_HEAD_BAD;
  length -= (gsize) (blank + 1 - line);
  if (length != strlen ("HTTP/1.1") ||
      (memcmp (blank + 1, "HTTP/1.1", length) != 0 && memcmp (blank + 1, "HTTP/1.0", length) != 0))
    return BFY_RUN_HEAD_BAD;

  return bfy_run_target_parse (text, (gsize) (blank - text), 0, target) ? BFY_RUN_HEAD_CONNECT
                                                                        : BFY_RUN_HEAD_BAD;
}

BfyRunHead
bfy_run_target_read (const char *bytes, gsize length, BfyRunTarget *target)
{
  const char *end = g_strstr_len (bytes, (gssize) length, "\r\n\r\n");
  const char *line_end;

  if (length > 0 && !g_ascii_isupper (bytes[0]))
    return BFY_RUN_HEAD_BAD;
  if (end == NULL)
    return length < BFY_RUN_HEAD_BYTES_MAX && memchr (bytes, '\0', length) == NULL
               ? BFY_RUN_HEAD_PARTIAL
               : BFY_RUN_HEAD_BAD;
  line_end = g_strstr_len (bytes, (gssize) length, "\r\n");
  if (memcmp (bytes, METHOD, MIN (length, strlen (METHOD))) == 0 &&
      (gsize) (end - bytes) + strlen ("\r\n\r\n") != length)
    return BFY_RUN_HEAD_BAD;

  return read_line (bytes, (gsize) (line_end - bytes), target);
}

gboolean
bfy_run_target_has_login (const char *bytes, gsize length, const char *user, const char *pass)
{
  g_autofree char *head = g_strndup (bytes, length);
  g_auto (GStrv) lines = g_strsplit (head, "\r\n", -1);
  g_autofree char *pair = g_strconcat (user, ":", pass, NULL);
  g_autofree char *encoded = g_base64_encode ((const guchar *) pair, strlen (pair));
  g_autofree char *wanted = g_strconcat (LOGIN, encoded, NULL);

  for (guint i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    {
      if (g_ascii_strncasecmp (lines[i], LOGIN, strlen (LOGIN)) == 0 &&
          strcmp (lines[i] + strlen (LOGIN), wanted + strlen (LOGIN)) == 0)
        return TRUE;
    }

  return FALSE;
}
