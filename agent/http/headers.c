/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/http/headers.h"

#include "agent/proxy/headers.h"
#include "protocol/injection.h"

/* Up and down: one hop (RFC 9110, 7.6.1), and framing. */
static const char *const kept_here[] = {
  "connection", "keep-alive",     "te",      "trailer", "transfer-encoding",
  "upgrade",    "content-length", "proxy-*", NULL,
};

static const char *const kept_below[] = {
  "expect",
  "host",
  "http2-settings",
  /* credentials, ours and those that services take beside the one that is injected */
  "authorization",
  "cookie",
  "cookie2",
  "x-api-key",
  "api-key",
  "apikey",
  "x-auth-token",
  "x-access-token",
  "private-token",
  "job-token",
  "x-goog-api-key",
  "x-amz-security-token",
  "x-bindify-*",
  /* who and where */
  "forwarded",
  "x-forwarded-*",
  "x-real-ip",
  "true-client-ip",
  "via",
  "origin",
  "referer",
  /* instead of the method or the path that were judged */
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-original-url",
  "x-rewrite-url",
  NULL,
};

static const char *const kept_above[] = {
  /* credentials, and what asks for them: there is nothing that the client could add */
  "set-cookie",
  "set-cookie2",
  "www-authenticate",
  "authentication-info",
  /* about the service’s host, which the client does not speak with */
  "alt-svc",
  "strict-transport-security",
  "clear-site-data",
  "public-key-pins*",
  "nel",
  "report-to",
  "reporting-endpoints",
  "access-control-*",
  /* every answer of ours has them */
  "date",
  "content-security-policy",
  "x-content-type-options",
  "x-frame-options",
  "x-bindify-*",
  "cache-control",
  NULL,
};

static gboolean
passes (SoupMessageHeaders *from, const char *name, const char *const *kept)
{
  return !bfy_header_name_is_among (name, kept_here) && !bfy_header_name_is_among (name, kept) &&
         !bfy_headers_are_for_this_hop (from, name);
}

void
bfy_http_headers_copy_up (SoupMessageHeaders *from, SoupMessageHeaders *to, const char *injected)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_remove (to, "Content-Type");
  soup_message_headers_iter_init (&iter, from);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      if (!passes (from, name, kept_below) ||
          (injected != NULL && g_ascii_strcasecmp (name, injected) == 0))
        continue;
      if (g_ascii_strcasecmp (name, "User-Agent") == 0)
        soup_message_headers_replace (to, name, value);
      else
        soup_message_headers_append (to, name, value);
    }
  soup_message_headers_replace (to, "Accept-Encoding", "identity");
}

static void
append_down (SoupMessageHeaders *to, const char *name, const char *value, const BfyLinkPlace *place)
{
  g_autofree char *rewritten = place != NULL && bfy_http_link_is_in (name)
                                   ? bfy_http_link_rewrite (place, name, value)
                                   : NULL;

  soup_message_headers_append (to, name, rewritten != NULL ? rewritten : value);
}

void
bfy_http_headers_copy_down (SoupMessageHeaders *from,
                            SoupMessageHeaders *to,
                            const BfyLinkPlace *place)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, from);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    if (passes (from, name, kept_above))
      append_down (to, name, value, place);
}
