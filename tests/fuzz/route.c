/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever the path, its parts are pieces of it, and no part can step out of where it is put. */

#include "protocol/route.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static void
check_name (const BfyRoute *route)
{
  g_assert_nonnull (route->name);
  g_assert_cmpstr (route->name, !=, "");
  g_assert_cmpstr (route->name, !=, ".");
  g_assert_cmpstr (route->name, !=, "..");
  g_assert_null (strchr (route->name, '/'));
}

/* No segment of the rest is "..", also after a server has undone the escapes once. */
static void
check_rest (const char *rest, gboolean is_escaped)
{
  g_autofree char *plain = is_escaped ? g_uri_unescape_string (rest, NULL) : g_strdup (rest);
  g_auto (GStrv) segments = NULL;

  g_assert_true (*rest == '\0' || *rest == '/');
  if (plain == NULL) /* holds an escaped NUL or a bad escape */
    return;
  segments = g_strsplit_set (plain, "/\\", -1);
  for (guint i = 0; segments[i] != NULL; i++)
    {
      g_assert_cmpstr (segments[i], !=, "..");
      g_assert_cmpstr (segments[i], !=, ".");
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *path = g_strndup ((const char *) data, size);
  g_autoptr (BfyRoute) route = bfy_route_parse (path);

  switch (route->kind)
    {
    case BFY_ROUTE_NONE:
    case BFY_ROUTE_HEALTHZ:
      g_assert_null (route->name);
      g_assert_null (route->presented);
      g_assert_null (route->rest);
      break;
    case BFY_ROUTE_MCP:
      check_name (route);
      g_assert_null (route->rest);
      break;
    case BFY_ROUTE_MCP_SSE:
      check_name (route);
      g_assert_true (g_str_has_suffix (path, route->rest));
      break;
    case BFY_ROUTE_HTTP:
      check_name (route);
      check_rest (route->rest, TRUE);
      g_assert_true (g_str_has_suffix (path, route->rest));
      break;
    case BFY_ROUTE_CONTROL:
      g_assert_null (route->name);
      g_assert_null (route->presented);
      g_assert_true (g_utf8_validate (route->rest, -1, NULL));
      check_rest (route->rest, FALSE);
      break;
    }

  return 0;
}
