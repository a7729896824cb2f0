/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* One pattern of hosts (behaviour 14.7). Names are made canonical by the parser that does so for
 * URLs, so that both sides of a comparison have been read by the same eyes. */

#include <arpa/inet.h>
#include <string.h>

#include "protocol/error.h"
#include "protocol/network-private.h"

#define ANY "any"
#define V6_BITS 128
#define INNER_BITS 32

static char *
read_scheme (BfyPattern *self, const char **rest)
{
  const char *end = strstr (*rest, "://");

  if (end == NULL)
    return NULL;
  if (g_ascii_strncasecmp (*rest, "https://", strlen ("https://")) == 0)
    self->scheme = BFY_PATTERN_HTTPS;
  else if (g_ascii_strncasecmp (*rest, "http://", strlen ("http://")) == 0)
    self->scheme = BFY_PATTERN_HTTP;
  else
    return g_strdup ("only http:// and https:// can stand before a host");
  *rest = end + strlen ("://");

  return NULL;
}

static gboolean
read_address (BfyPattern *self, const char *host)
{
  const guint8 *inner;

  if (inet_pton (AF_INET, host, self->prefix) == 1)
    self->length = 4;
  else if (inet_pton (AF_INET6, host, self->prefix) == 1)
    self->length = 16;
  else
    return FALSE;
  self->kind = BFY_PATTERN_RANGE;
  self->n_bits = 8 * self->length;
  inner = bfy_reach_find_inner (self->prefix, self->length);
  if (inner == NULL)
    return TRUE;

  /* What leads to an IPv4 address is that address, whatever it is wrapped in. */
  memmove (self->prefix, inner, 4);
  self->length = 4;
  self->n_bits = INNER_BITS;

  return TRUE;
}

/* "203.0.113.0/24", "2001:db8::/32". A range has no odd spellings: nobody types them by mistake. */
static char *
read_range (BfyPattern *self, const char *text, const char *slash)
{
  g_autofree char *host = g_strndup (text, slash - text);
  guint64 n_bits;

  if (inet_pton (AF_INET, host, self->prefix) == 1)
    self->length = 4;
  else if (inet_pton (AF_INET6, host, self->prefix) == 1)
    self->length = 16;
  else
    return g_strdup ("a host stands alone, without a path");
  if (!g_ascii_string_to_unsigned (slash + 1, 10, 0, 8 * self->length, &n_bits, NULL))
    return g_strdup ("behind the slash of a range stands how many bits count");
  self->kind = BFY_PATTERN_RANGE;
  self->n_bits = (guint8) n_bits;

  return NULL;
}

/* The port's colon in "host", "host:1", "[::1]", "[::1]:1", or NULL. */
static const char *
find_port (const char *host)
{
  const char *end = strrchr (host, ']');

  return strchr (end != NULL ? end : host, ':');
}

static gboolean
is_bare_v6 (const char *host)
{
  const char *colon = strchr (host, ':');

  return colon != NULL && *host != '[' && strchr (colon + 1, ':') != NULL;
}

static char *
read_any (BfyPattern *self, const char *rest)
{
  guint64 port = 0;

  self->kind = BFY_PATTERN_ANY;
  if (*rest == ':' && !g_ascii_string_to_unsigned (rest + 1, 10, 1, G_MAXUINT16, &port, NULL))
    return g_strdup ("a port is a number from 1 to 65535");
  self->port = (guint16) port;

  return NULL;
}

static char *
read_host (BfyPattern *self, const char *host)
{
  g_autofree char *url = g_strdup_printf (is_bare_v6 (host) ? "https://[%s]" : "https://%s", host);
  g_autoptr (BfyUpstream) upstream = NULL;

  if (strpbrk (host, "/?#") == NULL)
    upstream = bfy_upstream_parse (url, NULL);
  if (upstream == NULL)
    return g_strdup ("a pattern is a host, “*.” and a host, an address, a range of addresses or "
                     "“" ANY "”, with http:// or https:// before it and :port behind it if wanted");
  self->port = !is_bare_v6 (host) && find_port (host) != NULL ? upstream->port : 0;
  if (self->kind == BFY_PATTERN_BELOW && bfy_upstream_is_address (upstream))
    return g_strdup ("there is nothing below an address");
  if (!read_address (self, upstream->host))
    self->host = g_strdup (upstream->host);

  return NULL;
}

char *
bfy_pattern_read (BfyPattern *self, const char *text)
{
  const char *rest = text;
  const char *slash;
  char *problem;

  self->text = g_strdup (text);
  if (strlen (text) > BFY_NETWORK_PATTERN_BYTES_MAX)
    return g_strdup ("a pattern is too long");
  problem = read_scheme (self, &rest);
  if (problem != NULL)
    return problem;
  if (g_str_has_prefix (rest, ANY) && (rest[strlen (ANY)] == '\0' || rest[strlen (ANY)] == ':'))
    return read_any (self, rest + strlen (ANY));
  if (*rest == '*' && (rest[1] == '\0' || rest[1] == ':'))
    return g_strdup ("“*” alone means nothing; every host is “" ANY "”");
  slash = strchr (rest, '/');
  if (slash != NULL)
    return read_range (self, rest, slash);

  self->kind = g_str_has_prefix (rest, "*.") ? BFY_PATTERN_BELOW : BFY_PATTERN_HOST;

  return read_host (self, self->kind == BFY_PATTERN_BELOW ? rest + strlen ("*.") : rest);
}

void
bfy_pattern_clear (gpointer data)
{
  BfyPattern *self = data;

  g_free (self->text);
  g_free (self->host);
}

static gboolean
fits_place (const BfyPattern *self, const BfyUpstream *url)
{
  return (self->scheme == BFY_PATTERN_BOTH ||
          (self->scheme == BFY_PATTERN_HTTPS) == (url->is_tls != FALSE)) &&
         (self->port == 0 || self->port == url->port);
}

static gboolean
is_below (const char *host, const char *domain)
{
  gsize length = strlen (host);
  gsize domain_length = strlen (domain);

  if (length <= domain_length)
    return strcmp (host, domain) == 0;

  return host[length - domain_length - 1] == '.' &&
         strcmp (host + length - domain_length, domain) == 0;
}

static gboolean
is_in_range (const BfyPattern *self, const guint8 *bytes, gsize length)
{
  const guint8 *inner = bfy_reach_find_inner (bytes, length);

  if (length == self->length && bfy_reach_is_within (bytes, self->prefix, self->n_bits))
    return TRUE;

  return inner != NULL && self->length == 4 &&
         bfy_reach_is_within (inner, self->prefix, self->n_bits);
}

gboolean
bfy_pattern_fits_address (const BfyPattern *self,
                          const BfyUpstream *url,
                          const guint8 *bytes,
                          gsize length)
{
  return self->kind == BFY_PATTERN_RANGE && fits_place (self, url) &&
         is_in_range (self, bytes, length);
}

gboolean
bfy_pattern_fits_url (const BfyPattern *self, const BfyUpstream *url)
{
  guint8 bytes[16];

  if (!fits_place (self, url))
    return FALSE;

  switch (self->kind)
    {
    case BFY_PATTERN_ANY:
      return TRUE;
    case BFY_PATTERN_HOST:
      return strcmp (url->host, self->host) == 0;
    case BFY_PATTERN_BELOW:
      return is_below (url->host, self->host);
    case BFY_PATTERN_RANGE:
      if (inet_pton (AF_INET, url->host, bytes) == 1)
        return is_in_range (self, bytes, 4);
      return inet_pton (AF_INET6, url->host, bytes) == 1 && is_in_range (self, bytes, 16);
    }

  return FALSE;
}
