/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/redirect.h"

#include "protocol/upstream.h"

char *
bfy_redirect_target (const char *url, guint status, const char *location)
{
  g_autofree char *resolved = NULL;
  g_autoptr (BfyUpstream) here = NULL;
  g_autoptr (BfyUpstream) there = NULL;

  if ((status != 307 && status != 308) || location == NULL)
    return NULL;

  resolved = g_uri_resolve_relative (url, location, G_URI_FLAGS_ENCODED, NULL);
  if (resolved == NULL)
    return NULL;
  here = bfy_upstream_parse (url, NULL);
  there = bfy_upstream_parse (resolved, NULL);
  if (here == NULL || there == NULL || !g_str_equal (here->origin, there->origin))
    return NULL;

  return g_strdup (there->uri);
}
