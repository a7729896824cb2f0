/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever an upstream names, what comes out has the scheme, host and port of the stream, also in
 * the eyes of GLib (and so libsoup), and can be sent in a request line. */

#include "protocol/endpoint.h"

#include <string.h>

#include "protocol/error.h"
#include "tests/fuzz/fuzz.h"

static const char *const streams[] = {
  "http://127.0.0.1:3001/sse",
  "https://a.example:8443/v1/mcp/sse?team=7",
  "https://[::1]:8443/sse",
  "http://localhost:80/",
};

static void
check (const char *stream, const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) here =
      g_uri_parse (stream, G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE, NULL);
  g_autofree char *got = bfy_endpoint_resolve (stream, (const char *) data, size, &error);
  g_autoptr (GUri) there = NULL;

  if (got == NULL)
    {
      g_assert_error (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED);
      return;
    }
  there = g_uri_parse (got, G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE, NULL);
  g_assert_nonnull (there);
  g_assert_cmpstr (g_uri_get_scheme (there), ==, g_uri_get_scheme (here));
  g_assert_cmpstr (g_uri_get_host (there), ==, g_uri_get_host (here));
  g_assert_cmpint (g_uri_get_port (there), ==, g_uri_get_port (here));
  g_assert_null (g_uri_get_userinfo (there));
  g_assert_null (g_uri_get_fragment (there));
  for (const char *p = got; *p != '\0'; p++)
    g_assert_true (g_ascii_isgraph (*p));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *query = g_strndup ((const char *) data, size);
  g_autofree char *id = bfy_endpoint_dup_id (query);

  g_assert_true (id == NULL || strchr (id, '&') == NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++)
    check (streams[i], data, size);

  return 0;
}
