/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* To a connection: the name is looked up and judged by the network policy, like that of any other
 * upstream, and libpq gets the addresses that passed. */

#include <string.h>

#include "agent/database/databases.h"
#include "agent/network/network.h"
#include "agent/network/resolve.h"
#include "protocol/error.h"

typedef struct
{
  BfyBinding *binding;   /* (owned) */
  BfyDatabase *database; /* (owned) */
  BfySecret *password;   /* (owned) (nullable) */
  BfyTarget *target;     /* (owned) */
  guint timeout_ms;
} Opening;

static void
opening_free (gpointer data)
{
  Opening *opening = data;

  bfy_binding_unref (opening->binding);
  g_clear_pointer (&opening->database, bfy_database_free);
  g_clear_pointer (&opening->password, bfy_secret_unref);
  g_clear_object (&opening->target);
  g_free (opening);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  BfyPg *pg = bfy_pg_open_finish (result, &error);

  if (pg != NULL)
    g_task_return_pointer (task, pg, (GDestroyNotify) bfy_pg_free);
  else
    g_task_return_error (task, error);
}

static char *
format_addresses (GPtrArray *addresses)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < addresses->len; i++)
    {
      GSocketAddress *address = g_ptr_array_index (addresses, i);
      g_autofree char *one = NULL;

      if (!G_IS_INET_SOCKET_ADDRESS (address))
        continue;
      one = g_inet_address_to_string (
          g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
      g_string_append_printf (text, text->len > 0 ? ",%s" : "%s", one);
    }

  return g_string_free (text, FALSE);
}

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Opening *opening = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) addresses = bfy_resolve_finish (result, &error);
  g_autofree char *text = addresses != NULL ? format_addresses (addresses) : NULL;
  BfyPgOpening terms = { opening->database, text, opening->password, opening->timeout_ms };

  if (text != NULL && *text != '\0')
    bfy_pg_open_async (&terms, g_task_get_cancellable (task), on_opened, g_object_ref (task));
  else if (error != NULL && error->domain == BFY_NETWORK_ERROR)
    g_task_return_error (task, bfy_network_explain (error, opening->binding));
  else
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                             "There is no host called “%s”", opening->database->host);
}

/* What the network policy knows is URLs of the web: the host and the port are what counts. */
BfyTarget *
bfy_databases_make_target (const BfyBinding *binding, const BfyDatabase *database, GError **error)
{
  gboolean is_v6 = strchr (database->host, ':') != NULL;
  g_autofree char *url = g_strdup_printf (is_v6 ? "https://[%s]:%u/" : "https://%s:%u/",
                                          database->host, database->port);
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (url, error);
  g_autoptr (GError) problem = NULL;
  BfyTerms terms = { .policy = bfy_network_policy_of (binding), .purpose = BFY_NETWORK_FOR_CALL };
  BfyTarget *target;

  if (upstream == NULL)
    return NULL;
  terms.facts.own_origin = upstream->origin;
  terms.facts.allow_local = binding->allow_local;
  target = bfy_target_new (upstream, &terms, &problem);
  if (target == NULL)
    g_propagate_error (error, bfy_network_explain (problem, binding));

  return target;
}

void
bfy_databases_open_async (BfyAgent *agent,
                          const BfyBinding *binding,
                          const BfyCredential *credential,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Opening *opening = g_new0 (Opening, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, bfy_databases_open_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, opening, opening_free);
  opening->binding = bfy_binding_copy (binding);
  opening->password = credential != NULL ? bfy_secret_ref (credential->secret) : NULL;
  opening->timeout_ms = (guint) bfy_agent_limits (agent, binding).connect_timeout_ms;
  opening->database = bfy_database_parse (binding->url, &error);
  opening->target = opening->database != NULL
                        ? bfy_databases_make_target (binding, opening->database, &error)
                        : NULL;
  if (opening->target == NULL)
    g_task_return_error (task, error);
  else
    bfy_resolve_async (opening->target, cancellable, on_resolved, g_object_ref (task));
}

BfyPg *
bfy_databases_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
