/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/http/cookies.h"

#include <string.h>

static guint
count (SoupCookieJar *jar)
{
  GSList *all = soup_cookie_jar_all_cookies (jar);
  guint n = g_slist_length (all);

  g_slist_free_full (all, (GDestroyNotify) soup_cookie_free);

  return n;
}

void
bfy_cookies_take (SoupCookieJar *jar, const char *url, SoupMessageHeaders *answer)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  if (uri == NULL)
    return;
  soup_message_headers_iter_init (&iter, answer);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    if (g_ascii_strcasecmp (name, "Set-Cookie") == 0 && strlen (value) <= BFY_COOKIE_BYTES_MAX &&
        count (jar) < BFY_COOKIES_MAX)
      soup_cookie_jar_set_cookie (jar, uri, value);
}

void
bfy_cookies_put (SoupCookieJar *jar, const char *url, SoupMessageHeaders *request)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autofree char *cookies = uri != NULL ? soup_cookie_jar_get_cookies (jar, uri, TRUE) : NULL;

  if (cookies != NULL && *cookies != '\0')
    soup_message_headers_replace (request, "Cookie", cookies);
}
