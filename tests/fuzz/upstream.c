/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A URL that is accepted reads the same the second time, GLib (and so libsoup) sees the same host
 * and port in it, and nothing external is reached in clear text. */

#include "protocol/upstream.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/name.h"
#include "tests/fuzz/fuzz.h"

static void
check_glib (const BfyUpstream *upstream)
{
  g_autoptr (GUri) uri =
      g_uri_parse (upstream->uri, G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE, NULL);

  g_assert_nonnull (uri);
  g_assert_cmpstr (g_uri_get_host (uri), ==, upstream->host);
  g_assert_cmpint (g_uri_get_port (uri), ==, upstream->port);
  g_assert_null (g_uri_get_userinfo (uri));
  g_assert_null (g_uri_get_fragment (uri));
  g_assert_true (g_str_equal (g_uri_get_scheme (uri), "https") == upstream->is_tls);
}

static void
check_again (const BfyUpstream *upstream)
{
  g_autoptr (BfyUpstream) again = bfy_upstream_parse (upstream->uri, NULL);

  g_assert_nonnull (again);
  g_assert_cmpstr (again->uri, ==, upstream->uri);
  g_assert_cmpstr (again->origin, ==, upstream->origin);
  g_assert_cmpstr (again->host, ==, upstream->host);
  g_assert_cmpint (again->reach, ==, upstream->reach);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (text, &error);
  g_autofree char *name = NULL;

  if (upstream == NULL)
    {
      g_assert_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_null (strpbrk (error->message, "\r\n\033"));
      return 0;
    }
  g_assert_true (g_str_has_prefix (upstream->uri, upstream->origin));
  g_assert_true (upstream->is_tls || upstream->reach != BFY_REACH_EXTERNAL);
  /* A second write of a short URL may be longer than the cap: every byte became an escape. */
  if (strlen (upstream->uri) <= size)
    check_again (upstream);
  check_glib (upstream);
  name = bfy_name_from_host (upstream->host);
  g_assert_true (bfy_name_check (name, NULL));

  return 0;
}
