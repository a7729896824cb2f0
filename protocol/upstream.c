/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The URL is cut into authority and the rest by hand, at the same bytes where GLib cuts it. GLib
 * judges scheme, brackets and port; path and query are kept as they were written, because GUri
 * would rewrite escapes (mcp.md B.1, step 8). The host is judged here. */

#include "protocol/upstream.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <string.h>

#include "protocol/error.h"
#include "protocol/name.h"

#define URL_BYTES_MAX 8192
#define HOST_LENGTH_MAX 253
#define HOST_LABEL_LENGTH_MAX 63
#define SHOWN_LENGTH_MAX 100 /* characters of a host in an error message */

static gboolean
refuse (GError **error, const char *reason)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "This URL cannot be used: %s", reason);

  return FALSE;
}

/* Everything that two parsers might read differently. Other characters beyond ASCII are allowed: in
 * a host they become punycode, elsewhere escapes. */
static gboolean
check_characters (const char *text, GError **error)
{
  if (strnlen (text, URL_BYTES_MAX + 1) > URL_BYTES_MAX)
    return refuse (error, "it is too long");
  if (!g_utf8_validate (text, -1, NULL))
    return refuse (error, "it is not UTF-8");

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == '\\')
        return refuse (error, "it holds a backslash");
      if (c == '%' && (!g_ascii_isxdigit (p[1]) || !g_ascii_isxdigit (p[2])))
        return refuse (error, "it holds a percent sign that begins no escape");
      if (!g_unichar_isgraph (c))
        return refuse (error, "it holds spaces, control or invisible characters");
    }

  return TRUE;
}

/* The authority of "scheme://authority/…", or NULL. Checked before anything is quoted: what stands
 * before an @ is nobody's business. */
static char *
cut_authority (const char *text, const char **rest, GError **error)
{
  const char *start = strstr (text, "://");
  gsize length;

  if (start == NULL || strcspn (text, "/?#") < (gsize) (start - text))
    {
      refuse (error, "it must start with https://");
      return NULL;
    }

  start += strlen ("://");
  length = strcspn (start, "/?#");
  *rest = start + length;
  if (memchr (start, '@', length) != NULL)
    {
      refuse (error, "it holds a user name or password; give the credential separately");
      return NULL;
    }
  if (memchr (start, '%', length) != NULL)
    {
      refuse (error, "its host holds an escape");
      return NULL;
    }

  return g_strndup (start, length);
}

/* Decimal, 0x hexadecimal, 0 octal, as inet_aton() has read them for forty years. */
static gboolean
parse_number (const char *text, guint64 *number)
{
  const char *digits = "0123456789";
  guint base = 10;

  if (text[0] == '0' && text[1] == 'x')
    {
      digits = "0123456789abcdef";
      base = 16;
      text += 2;
    }
  else if (text[0] == '0')
    {
      digits = "01234567";
      base = 8;
    }
  if (*text == '\0' || text[strspn (text, digits)] != '\0')
    return FALSE;
  *number = g_ascii_strtoull (text, NULL, base);

  return *number <= G_MAXUINT32;
}

/* One to four numbers, of which the last fills what the others leave. */
static gboolean
parse_loose_v4 (const char *host, guint32 *address)
{
  g_auto (GStrv) parts = g_strsplit (host, ".", 5);
  guint n_parts = g_strv_length (parts);
  guint64 number = 0;

  *address = 0;
  if (n_parts < 1 || n_parts > 4)
    return FALSE;
  for (guint i = 0; i < n_parts; i++)
    {
      gboolean is_last = i == n_parts - 1;
      guint n_bits = is_last ? 8 * (4 - i) : 8;

      if (!parse_number (parts[i], &number) || number >= (guint64) 1 << n_bits)
        return FALSE;
      *address |= (guint32) number << (is_last ? 0 : 24 - 8 * i);
    }

  return TRUE;
}

/* A host whose last label is a number is an address or nothing: no top-level domain is numeric. */
static gboolean
looks_like_v4 (const char *host)
{
  const char *dot = strrchr (host, '.');
  const char *last = dot != NULL ? dot + 1 : host;
  guint64 number;

  return *last != '\0' &&
         (last[strspn (last, "0123456789")] == '\0' || parse_number (last, &number));
}

static gboolean
is_dns_name (const char *host)
{
  gsize label_length = 0;

  if (*host == '\0' || strlen (host) > HOST_LENGTH_MAX)
    return FALSE;
  for (const char *p = host; *p != '\0'; p++)
    {
      label_length = *p == '.' ? 0 : label_length + 1;
      if (!g_ascii_islower (*p) && !g_ascii_isdigit (*p) && strchr ("-_.", *p) == NULL)
        return FALSE;
      if (label_length > HOST_LABEL_LENGTH_MAX || (*p == '.' && (p == host || p[-1] == '.')))
        return FALSE;
    }

  return label_length > 0;
}

/* NULL when no host can be made of it. */
static char *
canonical_name (const char *host)
{
  g_autofree char *ascii = g_hostname_to_ascii (host); /* in lower case */
  guint32 v4;

  if (ascii == NULL)
    return NULL;
  if (g_str_has_suffix (ascii, "."))
    ascii[strlen (ascii) - 1] = '\0';
  if (!is_dns_name (ascii))
    return NULL;
  if (!looks_like_v4 (ascii))
    return g_steal_pointer (&ascii);
  if (!parse_loose_v4 (ascii, &v4))
    return NULL;

  return g_strdup_printf ("%u.%u.%u.%u", v4 >> 24, v4 >> 16 & 0xff, v4 >> 8 & 0xff, v4 & 0xff);
}

static char *
canonical_v6 (const char *host)
{
  guint8 bytes[16];
  char text[INET6_ADDRSTRLEN];

  if (inet_pton (AF_INET6, host, bytes) != 1 ||
      inet_ntop (AF_INET6, bytes, text, sizeof text) == NULL)
    return NULL;

  return g_strdup (text);
}

static gboolean
take_scheme (BfyUpstream *self, const char *scheme, GError **error)
{
  self->is_tls = g_strcmp0 (scheme, "https") == 0;
  if (!self->is_tls && g_strcmp0 (scheme, "http") != 0)
    return refuse (error, "only https:// and, on this machine or network, http:// are known");

  return TRUE;
}

static gboolean
take_host (BfyUpstream *self, const char *host, GError **error)
{
  g_autofree char *shown = NULL;

  self->host = strchr (host, ':') != NULL ? canonical_v6 (host) : canonical_name (host);
  if (self->host != NULL)
    return TRUE;

  shown = bfy_text_to_line (host, SHOWN_LENGTH_MAX);
  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
               "This URL cannot be used: “%s” is not a host", shown);

  return FALSE;
}

static gboolean
take_port (BfyUpstream *self, int port, GError **error)
{
  if (port == 0)
    return refuse (error, "port 0 does not exist");
  self->port = port < 0 ? (self->is_tls ? 443 : 80) : (guint16) port;

  return TRUE;
}

static gboolean
check_cleartext (BfyUpstream *self, GError **error)
{
  if (self->is_tls || self->reach != BFY_REACH_EXTERNAL)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
               "http:// would send the credential in clear text to %s: use https://", self->host);

  return FALSE;
}

static gboolean
take_authority (BfyUpstream *self, const char *scheme, const char *authority, GError **error)
{
  g_autofree char *url = g_strconcat (scheme, "://", authority, NULL);
  g_autofree char *lower_scheme = NULL;
  g_autofree char *host = NULL;
  int port;

  /* NON_DNS: the international name is translated below, where failure can be told. */
  if (!g_uri_split_network (url, G_URI_FLAGS_NON_DNS, &lower_scheme, &host, &port, NULL))
    return refuse (error, "its scheme, host or port is malformed");
  if (host == NULL || *host == '\0')
    return refuse (error, "it names no host");
  if (!take_scheme (self, lower_scheme, error) || !take_host (self, host, error) ||
      !take_port (self, port, error))
    return FALSE;
  self->reach = bfy_reach_of_host (self->host);

  return TRUE;
}

static char *
format_origin (const BfyUpstream *self)
{
  const char *scheme = self->is_tls ? "https" : "http";
  gboolean is_v6 = strchr (self->host, ':') != NULL;
  g_autofree char *host = is_v6 ? g_strdup_printf ("[%s]", self->host) : g_strdup (self->host);

  if (self->port == (self->is_tls ? 443 : 80))
    return g_strdup_printf ("%s://%s", scheme, host);

  return g_strdup_printf ("%s://%s:%u", scheme, host, self->port);
}

/* @rest starts with /, ? or #, or is empty. The query stays: some services have their account in
 * it. */
static char *
format_uri (const char *origin, const char *rest)
{
  GString *uri = g_string_new (origin);

  if (*rest != '/')
    g_string_append_c (uri, '/');
  for (const char *p = rest; *p != '\0' && *p != '#'; p++)
    {
      if ((guint8) *p < 0x80)
        g_string_append_c (uri, *p);
      else
        g_string_append_printf (uri, "%%%02X", (guint8) *p);
    }

  return g_string_free (uri, FALSE);
}

BfyUpstream *
bfy_upstream_parse (const char *text, GError **error)
{
  g_autoptr (BfyUpstream) self = bfy_upstream_parse_plain (text, error);

  return self != NULL && check_cleartext (self, error) ? g_steal_pointer (&self) : NULL;
}

BfyUpstream *
bfy_upstream_parse_plain (const char *text, GError **error)
{
  g_autoptr (BfyUpstream) self = g_new0 (BfyUpstream, 1);
  g_autofree char *authority = NULL;
  g_autofree char *scheme = NULL;
  const char *rest;

  if (!check_characters (text, error))
    return NULL;
  authority = cut_authority (text, &rest, error);
  if (authority == NULL)
    return NULL;
  scheme = g_strndup (text, strstr (text, "://") - text);
  if (!take_authority (self, scheme, authority, error))
    return NULL;
  self->origin = format_origin (self);
  self->uri = format_uri (self->origin, rest);

  return g_steal_pointer (&self);
}

gboolean
bfy_upstream_is_address (const BfyUpstream *self)
{
  return g_hostname_is_ip_address (self->host);
}

void
bfy_upstream_free (BfyUpstream *self)
{
  if (self == NULL)
    return;

  g_free (self->uri);
  g_free (self->origin);
  g_free (self->host);
  g_free (self);
}
