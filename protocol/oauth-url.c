/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/oauth-url.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/mdns.h"

BfyUpstream *
bfy_oauth_url_judge (const char *text, gboolean allow_local, const char *what, GError **error)
{
  g_autoptr (BfyUpstream) url = bfy_upstream_parse (text, NULL);

  if (url == NULL)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                   "The service gives a URL for %s that cannot be used", what);
      return NULL;
    }
  if (url->reach != BFY_REACH_EXTERNAL && !allow_local)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_LOCAL_ADDRESS,
                   "The service puts %s on this machine or a private network", what);
      return NULL;
    }
  if (!url->is_tls && url->reach != BFY_REACH_LOOPBACK)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                   "The service gives a URL for %s that is not encrypted (https://)", what);
      return NULL;
    }

  return g_steal_pointer (&url);
}

/* It is the sign-in server that reads it, which may be in a local network of its own. */
static gboolean
is_for_others (const BfyUpstream *url)
{
  return url->is_tls && (url->reach == BFY_REACH_EXTERNAL || bfy_mdns_is_name (url->host));
}

gboolean
bfy_oauth_url_check_document (const char *url, GError **error)
{
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (url, error);
  const char *path = upstream != NULL ? upstream->uri + strlen (upstream->origin) : NULL;

  if (upstream == NULL)
    return FALSE;
  if (is_for_others (upstream) && !g_str_equal (path, "/") && strpbrk (url, "?#") == NULL &&
      strstr (path, "/.") == NULL)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       "It must be an https:// URL on a public host, with a path and nothing "
                       "behind it");

  return FALSE;
}
