/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/oauth-resource.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/oauth-scope.h"
#include "protocol/upstream.h"

#define WELL_KNOWN "/.well-known/oauth-protected-resource"
#define RESOURCE_BYTES_MAX 2048

/* What follows the origin, without the query. */
static char *
dup_path (const BfyUpstream *url)
{
  const char *path = url->uri + strlen (url->origin);

  return g_strndup (path, strcspn (path, "?"));
}

static gboolean
is_folder_of (const char *folder, const char *path)
{
  gsize length = strlen (folder);

  while (length > 0 && folder[length - 1] == '/')
    length--;

  return strncmp (folder, path, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

gboolean
bfy_oauth_resource_fits (const char *resource, const char *url)
{
  g_autoptr (BfyUpstream) theirs = bfy_upstream_parse (resource, NULL);
  g_autoptr (BfyUpstream) ours = bfy_upstream_parse (url, NULL);
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;

  if (theirs == NULL || ours == NULL || strchr (resource, '#') != NULL ||
      !g_str_equal (theirs->origin, ours->origin))
    return FALSE;
  /* A query tells accounts of one server apart: it is that very one or none. */
  if (strchr (theirs->uri, '?') != NULL)
    return g_str_equal (theirs->uri, ours->uri);
  folder = dup_path (theirs);
  path = dup_path (ours);

  return is_folder_of (folder, path);
}

GStrv
bfy_oauth_resource_candidates (const char *url)
{
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (url, NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *path = NULL;
  g_autofree char *with_path = NULL;
  g_autofree char *at_root = NULL;

  if (upstream == NULL)
    return g_strv_builder_end (builder);

  path = dup_path (upstream);
  with_path = g_strconcat (upstream->origin, WELL_KNOWN, path, NULL);
  at_root = g_strconcat (upstream->origin, WELL_KNOWN, NULL);
  if (!g_str_equal (path, "/"))
    g_strv_builder_add (builder, with_path);
  g_strv_builder_add (builder, at_root);

  return g_strv_builder_end (builder);
}

static GStrv
first_of (const char *const *all, gsize n_max)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (gsize i = 0; all != NULL && all[i] != NULL && i < n_max; i++)
    g_strv_builder_add (builder, all[i]);

  return g_strv_builder_end (builder);
}

static gboolean
take_resource (BfyOAuthResource *self, JsonObject *document, const char *url, GError **error)
{
  const char *resource = NULL;

  if (!bfy_json_get_string (document, "resource", &resource, error))
    return FALSE;
  if (resource == NULL || strnlen (resource, RESOURCE_BYTES_MAX + 1) > RESOURCE_BYTES_MAX ||
      !bfy_oauth_resource_fits (resource, url))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                           "The service says that its tokens are for another address than that of "
                           "this binding; signing in there is not safe");
      return FALSE;
    }
  self->resource = g_strdup (resource);

  return TRUE;
}

static BfyOAuthResource *
read_document (JsonObject *document, const char *url, GError **error)
{
  g_autoptr (BfyOAuthResource) self = g_new0 (BfyOAuthResource, 1);
  g_auto (GStrv) servers = NULL;
  g_auto (GStrv) scopes = NULL;

  if (!take_resource (self, document, url, error) ||
      !bfy_json_get_strings (document, "authorization_servers", &servers, error) ||
      !bfy_json_get_strings (document, "scopes_supported", &scopes, error))
    return NULL;
  self->servers = first_of ((const char *const *) servers, BFY_OAUTH_SERVERS_MAX);
  self->scopes = bfy_oauth_scope_join ((const char *const *) scopes);

  return g_steal_pointer (&self);
}

BfyOAuthResource *
bfy_oauth_resource_parse (const char *text, gsize length, const char *url, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonObject) document = bfy_json_parse_object (text, length, &local_error);
  g_autoptr (BfyOAuthResource) self =
      document != NULL ? read_document (document, url, &local_error) : NULL;

  if (self != NULL)
    return g_steal_pointer (&self);
  if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_DENIED))
    g_propagate_error (error, g_steal_pointer (&local_error));
  else
    g_set_error (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                 "The service describes how to sign in in a way that is not understood: %s",
                 local_error->message);

  return NULL;
}

void
bfy_oauth_resource_free (BfyOAuthResource *self)
{
  if (self == NULL)
    return;

  g_free (self->resource);
  g_strfreev (self->servers);
  g_free (self->scopes);
  g_free (self);
}
