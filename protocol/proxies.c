/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/proxies.h"

#include <arpa/inet.h>
#include <string.h>

#include "protocol/error.h"

#define HTTP_SCHEME "http://"
#define SOCKS_HINT "only http://HOST:PORT is known"

struct _BfyProxies
{
  BfyProxy *of_http;  /* (owned) (nullable) */
  BfyProxy *of_https; /* (owned) (nullable) */
  char *problem;      /* (owned) (nullable) */
  GStrv exceptions;   /* (owned) in lower case, trimmed */
};

static void
proxy_free (BfyProxy *proxy)
{
  if (proxy == NULL)
    return;

  g_free (proxy->host);
  g_free (proxy);
}

static gboolean
refuse (GError **error, const char *reason)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "This proxy cannot be used: %s",
               reason);

  return FALSE;
}

/* HOST:PORT alone is what curl takes, too. */
static BfyProxy *
proxy_read (const char *text, GError **error)
{
  g_autofree char *url =
      strstr (text, "://") != NULL ? g_strdup (text) : g_strconcat (HTTP_SCHEME, text, NULL);
  g_autoptr (BfyUpstream) upstream = NULL;
  BfyProxy *proxy;

  if (strchr (url, '@') != NULL)
    {
      refuse (error, "it holds a user name or password, which a setting is no place for; let the "
                     "proxy know this machine, or run one here that signs in to it");
      return NULL;
    }
  upstream = bfy_upstream_parse_plain (url, NULL);
  if (upstream == NULL || upstream->is_tls ||
      strlen (upstream->uri) > strlen (upstream->origin) + strlen ("/"))
    {
      refuse (error, SOCKS_HINT);
      return NULL;
    }

  proxy = g_new0 (BfyProxy, 1);
  proxy->host = g_strdup (upstream->host);
  proxy->port = upstream->port;

  return proxy;
}

static GStrv
read_exceptions (const char *no_proxy)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) words = g_strsplit_set (no_proxy != NULL ? no_proxy : "", ", \t", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autofree char *word = g_ascii_strdown (words[i], -1);

      if (*word != '\0')
        g_strv_builder_add (builder, word);
    }

  return g_strv_builder_end (builder);
}

static BfyProxy *
take (BfyProxies *self, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  BfyProxy *proxy = text != NULL && *text != '\0' ? proxy_read (text, &error) : NULL;

  if (error != NULL && self->problem == NULL)
    self->problem =
        g_strdup_printf ("%s: %s; [network] proxy=" BFY_PROXY_NONE " in bindify.conf goes without",
                         name, error->message);

  return proxy;
}

static gboolean
is_set (const char *text)
{
  return text != NULL && *text != '\0';
}

BfyProxies *
bfy_proxies_new (const char *setting, const BfyProxyVariables *variables)
{
  BfyProxies *self = g_new0 (BfyProxies, 1);

  self->exceptions = read_exceptions (variables->no_proxy);
  if (g_strcmp0 (setting, BFY_PROXY_NONE) == 0)
    return self;
  if (setting != NULL && !g_str_equal (setting, BFY_PROXY_SYSTEM))
    {
      self->of_http = take (self, "[network] proxy", setting);
      self->of_https = take (self, "[network] proxy", setting);
      return self;
    }

  self->of_https = is_set (variables->https_proxy)
                       ? take (self, "https_proxy", variables->https_proxy)
                       : take (self, "all_proxy", variables->all_proxy);
  self->of_http = is_set (variables->http_proxy) ? take (self, "http_proxy", variables->http_proxy)
                                                 : take (self, "all_proxy", variables->all_proxy);

  return self;
}

void
bfy_proxies_free (BfyProxies *self)
{
  if (self == NULL)
    return;

  proxy_free (self->of_http);
  proxy_free (self->of_https);
  g_free (self->problem);
  g_strfreev (self->exceptions);
  g_free (self);
}

const char *
bfy_proxies_get_problem (const BfyProxies *self)
{
  return self->problem;
}

gboolean
bfy_proxies_check_setting (const char *setting, GError **error)
{
  BfyProxy *proxy;

  if (g_str_equal (setting, BFY_PROXY_NONE) || g_str_equal (setting, BFY_PROXY_SYSTEM))
    return TRUE;
  proxy = proxy_read (setting, error);
  proxy_free (proxy);

  return proxy != NULL;
}

/* --- What goes without --- */

/* Takes ":port" off. FALSE when it is another port. */
static gboolean
take_port (char *word, guint16 port)
{
  char *end = strrchr (word, ']');
  char *colon = strchr (end != NULL ? end : word, ':');
  guint64 number;

  /* Two colons without brackets: an IPv6 address. */
  if (colon == NULL || (end == NULL && strchr (colon + 1, ':') != NULL))
    return TRUE;
  *colon = '\0';

  return g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT16, &number, NULL) &&
         number == port;
}

static gboolean
fits_range (const char *word, const char *host)
{
  const char *slash = strchr (word, '/');
  g_autofree char *prefix = slash != NULL ? g_strndup (word, slash - word) : g_strdup (word);
  guint8 wanted[16], bytes[16];
  int family = strchr (prefix, ':') != NULL ? AF_INET6 : AF_INET;
  guint n_bits_max = family == AF_INET6 ? 128 : 32;
  guint64 n_bits = n_bits_max;

  if (slash != NULL && !g_ascii_string_to_unsigned (slash + 1, 10, 0, n_bits_max, &n_bits, NULL))
    return FALSE;

  return inet_pton (family, prefix, wanted) == 1 && inet_pton (family, host, bytes) == 1 &&
         bfy_reach_is_within (bytes, wanted, (guint) n_bits);
}

/* "example.com", ".example.com" and "*.example.com" all mean the domain and what is below it: so
 * curl reads them. */
static gboolean
fits_domain (const char *word, const char *host)
{
  gsize n_host = strlen (host);
  gsize n_word;

  if (g_str_has_prefix (word, "*."))
    word++;
  if (*word == '.')
    word++;
  n_word = strlen (word);
  if (n_word > 0 && word[n_word - 1] == '.')
    n_word--;
  if (n_word == 0 || n_word > n_host || strncmp (host + n_host - n_word, word, n_word) != 0)
    return FALSE;

  return n_host == n_word || host[n_host - n_word - 1] == '.';
}

static gboolean
is_exception (const char *exception, const BfyUpstream *url)
{
  g_autofree char *word = g_strdup (exception);
  gboolean is_address = bfy_upstream_is_address (url);

  if (g_str_equal (word, "*"))
    return TRUE;
  if (!take_port (word, url->port))
    return FALSE;
  if (*word == '[' && g_str_has_suffix (word, "]"))
    {
      memmove (word, word + 1, strlen (word));
      word[strlen (word) - 1] = '\0';
    }

  return is_address ? fits_range (word, url->host) : fits_domain (word, url->host);
}

gboolean
bfy_proxies_find (const BfyProxies *self,
                  const BfyUpstream *url,
                  const BfyProxy **proxy,
                  GError **error)
{
  *proxy = NULL;
  if (self == NULL || url->reach != BFY_REACH_EXTERNAL)
    return TRUE;
  for (guint i = 0; self->exceptions[i] != NULL; i++)
    if (is_exception (self->exceptions[i], url))
      return TRUE;
  *proxy = url->is_tls ? self->of_https : self->of_http;
  if (*proxy != NULL || self->problem == NULL)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, self->problem);

  return FALSE;
}
