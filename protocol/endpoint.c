/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/endpoint.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/upstream.h"

#define ID_PARAMETER "sessionId="

static gboolean
is_endpoint (const BfySseEvent *event)
{
  return strcmp (event->type, "endpoint") == 0;
}

gboolean
bfy_endpoint_counts (const BfySseEvent *event)
{
  return event->length > 0 || is_endpoint (event);
}

BfyEndpointVerdict
bfy_endpoint_judge (const BfySseEvent *event, gboolean is_first, gboolean is_wanted)
{
  if (is_endpoint (event))
    return is_first ? BFY_ENDPOINT_ANNOUNCE : BFY_ENDPOINT_DROP;

  return is_first && is_wanted && bfy_endpoint_counts (event) ? BFY_ENDPOINT_MISSING
                                                              : BFY_ENDPOINT_PASS;
}

static char *
refuse (GError **error, const char *reason)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, reason);

  return NULL;
}

/* A reference has no other characters (RFC 3986, 2); what a lenient reader might strip or turn is
 * not left to it. */
static gboolean
is_reference (const char *data, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isgraph (data[i]) || strchr ("\\\"<>^`{|}", data[i]) != NULL)
        return FALSE;
    }

  return length > 0;
}

char *
bfy_endpoint_resolve (const char *stream_url, const char *data, gsize length, GError **error)
{
  g_autoptr (BfyUpstream) here = NULL;
  g_autoptr (BfyUpstream) there = NULL;
  g_autofree char *reference = NULL;
  g_autofree char *resolved = NULL;

  if (length > BFY_ENDPOINT_BYTES_MAX)
    return refuse (error, "named an endpoint that is too long");
  if (!is_reference (data, length))
    return refuse (error, "named an endpoint that is not a URL");

  reference = g_strndup (data, length);
  resolved = g_uri_resolve_relative (stream_url, reference, G_URI_FLAGS_ENCODED, NULL);
  here = bfy_upstream_parse (stream_url, NULL);
  there = resolved != NULL ? bfy_upstream_parse (resolved, NULL) : NULL;
  if (here == NULL || there == NULL)
    return refuse (error, "named an endpoint that cannot be used; nothing was sent there");
  if (!g_str_equal (here->origin, there->origin))
    return refuse (error, "named an endpoint of another origin than its own, where the credential "
                          "must not go; nothing was sent there");

  return g_strdup (there->uri);
}

char *
bfy_endpoint_format (const char *path, gboolean has_suffix, const char *id)
{
  gsize length = strlen (path) - (has_suffix ? strlen ("/sse") : 0);

  return g_strdup_printf ("%.*s/messages?" ID_PARAMETER "%s", (int) length, path, id);
}

char *
bfy_endpoint_dup_id (const char *query)
{
  const char *p = query;

  while (p != NULL && !g_str_has_prefix (p, ID_PARAMETER))
    {
      p = strchr (p, '&');
      if (p != NULL)
        p++;
    }
  if (p == NULL)
    return NULL;
  p += strlen (ID_PARAMETER);

  return g_strndup (p, strcspn (p, "&"));
}
