/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/metadata.h"

#include <libsoup/soup.h>

#include "agent/oauth/fetch.h"
#include "protocol/era-bridge.h"
#include "protocol/error.h"

#define TOO_MANY_REQUESTS 429 /* RFC 6585; libsoup has no name for it */

typedef struct
{
  BfyAgent *agent; /* borrowed */
  GStrv urls;      /* (owned) */
  guint next;
  BfyBinding *binding;       /* (owned) */
  GCancellable *cancellable; /* (owned) (nullable) */
  BfySecret *document;       /* (owned) (nullable) */
} Search;

static void
search_free (gpointer user_data)
{
  Search *search = user_data;

  g_strfreev (search->urls);
  bfy_binding_unref (search->binding);
  g_clear_object (&search->cancellable);
  g_clear_pointer (&search->document, bfy_secret_unref);
  g_free (search);
}

BfyMetadataVerdict
bfy_metadata_judge (guint status, const char *content_type)
{
  if (SOUP_STATUS_IS_SUCCESSFUL (status))
    return g_strcmp0 (content_type, "text/html") == 0 ? BFY_METADATA_NEXT : BFY_METADATA_TAKE;
  if (status == TOO_MANY_REQUESTS)
    return BFY_METADATA_FAIL;

  return SOUP_STATUS_IS_CLIENT_ERROR (status) || SOUP_STATUS_IS_REDIRECTION (status) ||
                 status == SOUP_STATUS_BAD_GATEWAY
             ? BFY_METADATA_NEXT
             : BFY_METADATA_FAIL;
}

static void try_next (GTask *task);

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (BfyFetchAnswer) answer = bfy_fetch_finish (result, &error);

  if (answer == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  switch (bfy_metadata_judge (answer->status, answer->content_type))
    {
    case BFY_METADATA_TAKE:
      search->document = g_steal_pointer (&answer->body);
      g_task_return_boolean (task, TRUE);
      break;
    case BFY_METADATA_NEXT:
      try_next (g_steal_pointer (&task));
      break;
    case BFY_METADATA_FAIL:
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                               "The server answered HTTP %u when asked how to sign in; try again "
                               "later",
                               answer->status);
      break;
    }
}

/* Takes over @task. */
static void
try_next (GTask *task)
{
  Search *search = g_task_get_task_data (task);
  BfyFetch fetch = { .method = "GET",
                     .url = search->urls[search->next],
                     .accept = "application/json",
                     .mcp_version = BFY_ERA_NEWEST_LEGACY,
                     .binding = search->binding,
                     .allow_local = search->binding->allow_local,
                     .timeout_ms = BFY_METADATA_TIMEOUT_MS };

  if (fetch.url == NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  search->next++;
  bfy_fetch_async (search->agent, &fetch, search->cancellable, on_fetched, task);
}

void
bfy_metadata_find_async (BfyAgent *agent,
                         const char *const *urls,
                         const BfyBinding *binding,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Search *search = g_new0 (Search, 1);

  g_task_set_source_tag (task, bfy_metadata_find_async);
  g_task_set_task_data (task, search, search_free);
  search->agent = agent;
  search->urls = g_strdupv ((char **) urls);
  search->binding = bfy_binding_ref ((BfyBinding *) binding);
  g_set_object (&search->cancellable, cancellable);
  try_next (task);
}

gboolean
bfy_metadata_find_finish (GAsyncResult *result, BfySecret **document, GError **error)
{
  Search *search = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  *document = g_steal_pointer (&search->document);

  return TRUE;
}
