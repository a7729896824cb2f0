/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Each step either ends the search or begins the next one:
 *
 *   ask the MCP server without a token ─ the challenge
 *   its protected resource metadata, where the challenge says, else at the well-known places
 *     it is there: the metadata of each authorization server that it names, the first found counts
 *     it is nowhere, and the challenge names no place: the document at the root of the origin
 *       (2025-03-26)
 *   nothing was found: the catalogue (behaviour 17.1), else, for a server that refused us without
 *     a word, the paths of 2025-03-26 on its origin
 *
 * What is there and does not fit ends it with an error: lesser rules are for servers that lack
 * something, not for those that say something wrong. */

#include "agent/oauth/discovery.h"

#include <libsoup/soup.h>

#include "agent/enrol/open-probe.h"
#include "agent/oauth/metadata.h"
#include "protocol/challenge.h"
#include "protocol/error.h"
#include "protocol/oauth-resource.h"
#include "protocol/oauth-scope.h"
#include "protocol/oauth-url.h"

typedef struct
{
  BfyAgent *agent;            /* borrowed */
  BfyBinding *binding;        /* (owned) */
  char *refused_scope;        /* (owned) (nullable) */
  GCancellable *cancellable;  /* (owned) (nullable) */
  BfyUpstream *url;           /* (owned) */
  BfyChallenge *challenge;    /* (owned) (nullable) */
  gboolean was_refused;       /* 401 without a token */
  BfyOAuthResource *resource; /* (owned) (nullable) */
  guint n_tried;              /* of its servers */
} Search;

static void
search_free (gpointer user_data)
{
  Search *search = user_data;

  bfy_binding_unref (search->binding);
  g_free (search->refused_scope);
  g_clear_object (&search->cancellable);
  bfy_upstream_free (search->url);
  bfy_challenge_free (search->challenge);
  bfy_oauth_resource_free (search->resource);
  g_free (search);
}

void
bfy_discovery_free (BfyDiscovery *self)
{
  if (self == NULL)
    return;

  bfy_oauth_server_unref (self->server);
  g_free (self->resource);
  g_free (self->scope);
  g_free (self->demanded);
  g_free (self);
}

static void
find (GTask *task, const char *const *urls, GAsyncReadyCallback callback)
{
  Search *search = g_task_get_task_data (task);

  bfy_metadata_find_async (search->agent, urls, search->binding, search->cancellable, callback,
                           g_object_ref (task));
}

/* --- How it ends --- */

/* Takes over @server. @supported (nullable): scopes. */
static void
succeed (GTask *task, BfyOAuthServer *server, const char *supported)
{
  Search *search = g_task_get_task_data (task);
  BfyDiscovery *discovery = g_new0 (BfyDiscovery, 1);
  BfyScopeOffer offer = { .challenged = search->challenge->scope,
                          .supported = supported,
                          .refused = search->refused_scope,
                          .server_scopes = (const char *const *) server->scopes };

  discovery->server = server;
  if (search->resource != NULL)
    discovery->resource = g_strdup (search->resource->resource);
  discovery->demanded = bfy_oauth_scope_normalise (search->challenge->scope);
  discovery->scope = bfy_oauth_scope_choose (&offer, &discovery->wants_consent);
  g_task_return_pointer (task, discovery, (GDestroyNotify) bfy_discovery_free);
}

/* FALSE when the catalogue does not know either. */
static gboolean
take_from_catalogue (GTask *task)
{
  Search *search = g_task_get_task_data (task);
  const char *id = search->binding->service;
  BfyService *service = id != NULL ? bfy_services_find (search->agent->services, id) : NULL;
  g_autofree char *scopes = NULL;

  if (service == NULL || service->oauth == NULL)
    return FALSE;
  scopes = bfy_oauth_scope_join ((const char *const *) service->oauth->scopes);
  succeed (task, bfy_oauth_server_new_of_service (service->oauth), scopes);

  return TRUE;
}

static void
give_up (GTask *task, const char *message)
{
  if (!take_from_catalogue (task))
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UNSUPPORTED, "%s", message);
}

/* --- The authorization server --- */

static void try_server (GTask *task);

static void
on_server (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr (BfySecret) document = NULL;
  BfyOAuthServer *server;
  GError *error = NULL;

  if (!bfy_metadata_find_finish (result, &document, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (document == NULL)
    {
      search->n_tried++;
      try_server (task);
      return;
    }

  server = bfy_oauth_server_parse (bfy_secret_peek_text (document), bfy_secret_length (document),
                                   search->resource->servers[search->n_tried],
                                   search->binding->allow_local, &error);
  if (server == NULL)
    g_task_return_error (task, error);
  else
    succeed (task, server, search->resource->scopes);
}

static void
try_server (GTask *task)
{
  Search *search = g_task_get_task_data (task);
  const char *issuer = search->resource->servers[search->n_tried];
  g_autoptr (BfyUpstream) url = NULL;
  g_auto (GStrv) candidates = NULL;
  GError *error = NULL;

  if (issuer == NULL)
    {
      give_up (task,
               search->n_tried > 0
                   ? "The sign-in server of this service does not describe itself, so bindify "
                     "cannot sign in there; use a token, if the service gives out any"
                   : "The service names no sign-in server; use a token, if it gives out any");
      return;
    }
  url = bfy_oauth_url_judge (issuer, search->binding->allow_local, "its sign-in server", &error);
  if (url == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  candidates = bfy_oauth_server_candidates (issuer);
  find (task, (const char *const *) candidates, on_server);
}

/* --- Without protected resource metadata --- */

/* The last resort of 2025-03-26. Only for a server that wants a token: one that answers without any
 * gives no sign of having these pages. */
static void
assume (GTask *task)
{
  Search *search = g_task_get_task_data (task);

  if (search->was_refused)
    succeed (task, bfy_oauth_server_new_assumed (search->url->origin), NULL);
  else
    g_task_return_new_error (
        task, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
        "The service does not ask for a sign-in, and does not say where to do it; use a token, if "
        "it gives out any");
}

static void
on_root (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr (BfySecret) document = NULL;
  BfyOAuthServer *server;
  GError *error = NULL;

  if (!bfy_metadata_find_finish (result, &document, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (document == NULL)
    {
      if (!take_from_catalogue (task))
        assume (task);
      return;
    }

  server =
      bfy_oauth_server_parse_at_root (bfy_secret_peek_text (document), bfy_secret_length (document),
                                      search->url->origin, search->binding->allow_local, &error);
  if (server == NULL)
    g_task_return_error (task, error);
  else
    succeed (task, server, NULL);
}

static void
try_root (GTask *task)
{
  Search *search = g_task_get_task_data (task);
  g_autofree char *url = bfy_oauth_server_root_candidate (search->url->origin);
  const char *urls[] = { url, NULL };

  find (task, urls, on_root);
}

/* --- The protected resource --- */

static void
on_resource (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr (BfySecret) document = NULL;
  GError *error = NULL;

  if (!bfy_metadata_find_finish (result, &document, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (document == NULL && search->challenge->resource_metadata != NULL)
    {
      give_up (task, "The service names a place that tells how to sign in, but there is nothing");
      return;
    }
  if (document == NULL)
    {
      try_root (task);
      return;
    }

  search->resource = bfy_oauth_resource_parse (
      bfy_secret_peek_text (document), bfy_secret_length (document), search->url->uri, &error);
  if (search->resource == NULL)
    g_task_return_error (task, error);
  else
    try_server (task);
}

/* A place that the challenge names is the only one (mcp.md B.1.2). */
static void
try_resource (GTask *task)
{
  Search *search = g_task_get_task_data (task);
  const char *named[] = { search->challenge->resource_metadata, NULL };
  g_auto (GStrv) known = bfy_oauth_resource_candidates (search->url->uri);

  find (task, named[0] != NULL ? named : (const char *const *) known, on_resource);
}

/* --- The challenge --- */

static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  BfyProbeResult answer;
  GError *error = NULL;

  if (!bfy_open_probe_finish (result, &answer, &search->challenge, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (SOUP_STATUS_IS_SERVER_ERROR (answer.status))
    {
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                               "The service answered HTTP %u; try again later", answer.status);
      return;
    }

  search->was_refused = answer.status == SOUP_STATUS_UNAUTHORIZED;
  try_resource (task);
}

void
bfy_discover_async (BfyAgent *agent,
                    BfyBinding *binding,
                    const char *scope,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Search *search = g_new0 (Search, 1);

  g_task_set_source_tag (task, bfy_discover_async);
  g_task_set_task_data (task, search, search_free);
  search->agent = agent;
  search->binding = bfy_binding_ref (binding);
  search->refused_scope = bfy_oauth_scope_normalise (scope);
  g_set_object (&search->cancellable, cancellable);
  search->url = binding->url != NULL ? bfy_upstream_parse (binding->url, NULL) : NULL;
  if (search->url == NULL)
    {
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                               "“%s” has no URL, so there is nobody to sign in to", binding->name);
      return;
    }

  bfy_open_probe_async (agent, search->binding, cancellable, on_probed, g_steal_pointer (&task));
}

BfyDiscovery *
bfy_discover_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
