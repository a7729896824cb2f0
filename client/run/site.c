/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/site.h"

#include <string.h>

#define HTTPS_PORT 443
#define BASIC "Basic "

void
bfy_run_site_free (BfyRunSite *self)
{
  if (self->server != NULL)
    soup_server_disconnect (self->server);
  g_clear_object (&self->server);
  g_clear_object (&self->certificate);
  g_ptr_array_unref (self->offers);
  g_free (self);
}

BfyRunSite *
bfy_run_sites_find (GPtrArray *sites, const BfyRunTarget *target)
{
  for (guint i = 0; i < sites->len; i++)
    {
      BfyRunSite *site = sites->pdata[i];

      if (site->target.port == target->port && strcmp (site->target.host, target->host) == 0)
        return site;
    }

  return NULL;
}

static gboolean
read_address (const BfyRunOffer *offer, BfyRunTarget *target)
{
  g_autoptr (GUri) uri = g_uri_parse (offer->url, SOUP_HTTP_URI_FLAGS, NULL);
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;
  int port = uri != NULL ? g_uri_get_port (uri) : 0;

  return offer->is_rest && host != NULL && strcmp (g_uri_get_scheme (uri), "https") == 0 &&
         bfy_run_target_parse (host, strlen (host), port > 0 ? (guint16) port : HTTPS_PORT, target);
}

static void
add_offer (GPtrArray *sites, BfyRunOffer *offer)
{
  BfyRunTarget target;
  BfyRunSite *site;

  if (!read_address (offer, &target))
    return;

  site = bfy_run_sites_find (sites, &target);
  if (site == NULL)
    {
      site = g_new0 (BfyRunSite, 1);
      site->target = target;
      site->offers = g_ptr_array_new ();
      g_ptr_array_add (sites, site);
    }
  g_ptr_array_add (site->offers, offer);
}

GPtrArray *
bfy_run_sites_new (GPtrArray *offers)
{
  GPtrArray *sites = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_run_site_free);

  for (guint i = 0; i < offers->len; i++)
    add_offer (sites, offers->pdata[i]);

  return sites;
}

/* Of the path of its address, without slashes at the end; -1 when @path is not below it. */
static gssize
match (const BfyRunOffer *offer, const char *path)
{
  g_autoptr (GUri) uri = g_uri_parse (offer->url, SOUP_HTTP_URI_FLAGS, NULL);
  const char *base = uri != NULL ? g_uri_get_path (uri) : "";
  gsize length = strlen (base);

  while (length > 0 && base[length - 1] == '/')
    length--;
  if (strncmp (path, base, length) != 0 || (path[length] != '/' && path[length] != '\0'))
    return -1;

  return (gssize) length;
}

const BfyRunOffer *
bfy_run_site_choose (BfyRunSite *self, const char *path, const char **rest)
{
  const BfyRunOffer *best = NULL;
  gssize most = -1;

  if (path[0] != '/')
    return NULL;
  for (guint i = 0; i < self->offers->len; i++)
    {
      gssize length = match (self->offers->pdata[i], path);

      if (length <= most)
        continue;
      most = length;
      best = self->offers->pdata[i];
    }
  *rest = path + MAX (most, 0);

  return best;
}

static gboolean
has_text (const char *bytes, gsize length, const char *text)
{
  return length > 0 && memmem (bytes, length, text, strlen (text)) != NULL;
}

const BfyRunOffer *
bfy_run_find_foreign_placeholder (GPtrArray *offers,
                                  const BfyRunOffer *own,
                                  const char *bytes,
                                  gsize length)
{
  gboolean is_basic =
      length > strlen (BASIC) && g_ascii_strncasecmp (bytes, BASIC, strlen (BASIC)) == 0;
  g_autofree char *encoded =
      is_basic ? g_strndup (bytes + strlen (BASIC), length - strlen (BASIC)) : NULL;
  gsize n_decoded = 0;
  g_autofree guint8 *decoded = encoded != NULL ? g_base64_decode (encoded, &n_decoded) : NULL;

  for (guint i = 0; i < offers->len; i++)
    {
      const BfyRunOffer *offer = offers->pdata[i];

      if (offer == own || offer->placeholder == NULL)
        continue;
      if (has_text (bytes, length, offer->placeholder) ||
          has_text ((const char *) decoded, n_decoded, offer->placeholder))
        return offer;
    }

  return NULL;
}
