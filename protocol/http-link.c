/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/http-link.h"

#include <string.h>

#define URI_FLAGS (G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE)

static const char *const headers[] = { "Location", "Content-Location", "Link" };

gboolean
bfy_http_link_is_in (const char *header)
{
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    if (g_ascii_strcasecmp (header, headers[i]) == 0)
      return TRUE;

  return FALSE;
}

static gboolean
is_same_origin (GUri *one, GUri *other)
{
  return g_strcmp0 (g_uri_get_scheme (one), g_uri_get_scheme (other)) == 0 &&
         g_uri_get_host (one) != NULL && g_uri_get_host (other) != NULL &&
         g_ascii_strcasecmp (g_uri_get_host (one), g_uri_get_host (other)) == 0 &&
         g_uri_get_port (one) == g_uri_get_port (other);
}

/* What of @path stands below @base, with its slash; NULL when it stands elsewhere. */
static const char *
find_rest (const char *path, const char *base)
{
  gsize length = strlen (base);

  while (length > 0 && base[length - 1] == '/')
    length--;
  if (strncmp (path, base, length) != 0 || (path[length] != '/' && path[length] != '\0'))
    return NULL;

  return path + length;
}

static char *
format_link (const BfyLinkPlace *place, GUri *target, const char *rest)
{
  const char *query = g_uri_get_query (target);
  const char *fragment = g_uri_get_fragment (target);

  return g_strconcat (place->door, *rest != '\0' ? rest : "/", query != NULL ? "?" : "",
                      query != NULL ? query : "", fragment != NULL ? "#" : "",
                      fragment != NULL ? fragment : "", NULL);
}

static char *
rewrite_one (const BfyLinkPlace *place, const char *link)
{
  g_autoptr (GUri) base = g_uri_parse (place->base, URI_FLAGS, NULL);
  g_autoptr (GUri) here = g_uri_parse (place->here, URI_FLAGS, NULL);
  g_autoptr (GUri) target =
      here != NULL ? g_uri_parse_relative (here, link, URI_FLAGS, NULL) : NULL;
  const char *rest;

  if (base == NULL || target == NULL || !is_same_origin (base, target) ||
      g_uri_get_userinfo (target) != NULL)
    return g_strdup (link);
  rest = find_rest (g_uri_get_path (target), g_uri_get_path (base));

  return rest != NULL ? format_link (place, target, rest) : g_strdup (link);
}

/* <link>; rel="next", <link>; rel="last" */
static char *
rewrite_list (const BfyLinkPlace *place, const char *value)
{
  GString *out = g_string_sized_new (strlen (value) + 1);
  gboolean is_quoted = FALSE;

  while (*value != '\0')
    {
      const char *end = !is_quoted && *value == '<' ? strchr (value, '>') : NULL;

      if (end != NULL)
        {
          g_autofree char *link = g_strndup (value + 1, (gsize) (end - value - 1));
          g_autofree char *rewritten = rewrite_one (place, link);

          g_string_append_printf (out, "<%s>", rewritten);
          value = end + 1;
          continue;
        }
      if (is_quoted && *value == '\\' && value[1] != '\0')
        g_string_append_c (out, *value++);
      else if (*value == '"')
        is_quoted = !is_quoted;
      g_string_append_c (out, *value++);
    }

  return g_string_free (out, FALSE);
}

char *
bfy_http_link_rewrite (const BfyLinkPlace *place, const char *header, const char *value)
{
  return g_ascii_strcasecmp (header, "Link") == 0 ? rewrite_list (place, value)
                                                  : rewrite_one (place, value);
}
