/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/tunnel.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/run/site.h"
#include "protocol/error.h"
#include "protocol/name.h"
#include "protocol/upstream.h"

#define BELOW "*."
#define HTTPS_PORT 443
#define ADDRESSES_MAX 4 /* of a name that are tried */
#define DIAL_S 20       /* for each of them */
#define SHOWN_CHARACTERS_MAX 100

typedef struct
{
  BfyRunTarget target; /* with port 0: the usual ones */
  gboolean is_below;
} Rule;

struct _BfyRunTunnels
{
  GArray *rules; /* (owned) (nullable) (element-type Rule) NULL: all hosts */
};

typedef struct
{
  BfyRunTarget target;
  GSocketClient *client; /* (owned) */
  GList *ways;           /* (owned) (element-type GInetAddress) still to be tried */
} Dial;

static gboolean
read_rule (const char *pattern, Rule *rule)
{
  gboolean has_port = strchr (pattern, ':') != NULL;

  rule->is_below = g_str_has_prefix (pattern, BELOW);
  if (rule->is_below)
    pattern += strlen (BELOW);
  if (!bfy_run_target_parse (pattern, strlen (pattern), has_port ? 0 : HTTPS_PORT, &rule->target))
    return FALSE;
  if (!has_port)
    rule->target.port = 0;

  return TRUE;
}

BfyRunTunnels *
bfy_run_tunnels_new (const char *const *patterns, GError **error)
{
  g_autoptr (BfyRunTunnels) self = g_new0 (BfyRunTunnels, 1);

  if (patterns != NULL)
    self->rules = g_array_new (FALSE, FALSE, sizeof (Rule));
  for (; patterns != NULL && *patterns != NULL; patterns++)
    {
      g_autofree char *shown = bfy_text_to_line (*patterns, SHOWN_CHARACTERS_MAX);
      Rule rule;

      if (!read_rule (*patterns, &rule))
        {
          g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       _ ("“%s” is no host: --tunnel takes the name of a host, or “*.” and one, "
                          "with :port behind it if wanted"),
                       shown);
          return NULL;
        }
      g_array_append_val (self->rules, rule);
    }

  return g_steal_pointer (&self);
}

void
bfy_run_tunnels_free (BfyRunTunnels *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->rules, g_array_unref);
  g_free (self);
}

static gboolean
is_usual_port (guint16 port, GPtrArray *sites)
{
  for (guint i = 0; i < sites->len; i++)
    {
      if (((BfyRunSite *) sites->pdata[i])->target.port == port)
        return TRUE;
    }

  return port == HTTPS_PORT;
}

static gboolean
is_host_of (const Rule *rule, const char *host)
{
  gsize length = strlen (host);
  gsize n_rule = strlen (rule->target.host);

  if (!rule->is_below || length <= n_rule)
    return strcmp (host, rule->target.host) == 0;

  return host[length - n_rule - 1] == '.' &&
         strcmp (host + length - n_rule, rule->target.host) == 0;
}

gboolean
bfy_run_tunnels_allow (BfyRunTunnels *self, const BfyRunTarget *target, GPtrArray *sites)
{
  gboolean is_usual = is_usual_port (target->port, sites);

  if (self->rules == NULL)
    return is_usual;
  for (guint i = 0; i < self->rules->len; i++)
    {
      const Rule *rule = &g_array_index (self->rules, Rule, i);

      if (is_host_of (rule, target->host) &&
          (rule->target.port != 0 ? rule->target.port == target->port : is_usual))
        return TRUE;
    }

  return FALSE;
}

gboolean
bfy_run_tunnels_may_reach (GInetAddress *address)
{
  return bfy_reach_of_address (g_inet_address_to_bytes (address),
                               g_inet_address_get_native_size (address)) == BFY_REACH_EXTERNAL;
}

static void
dial_free (gpointer data)
{
  Dial *dial = data;

  g_list_free_full (dial->ways, g_object_unref);
  g_object_unref (dial->client);
  g_free (dial);
}

static void try_next (GTask *task);

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  Dial *dial = g_task_get_task_data (task);
  GSocketConnection *connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);

  if (connection != NULL)
    {
      /* The time was for connecting. */
      g_socket_set_timeout (g_socket_connection_get_socket (connection), 0);
      g_task_return_pointer (task, connection, g_object_unref);
    }
  else if (dial->ways == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    try_next (g_steal_pointer (&task));
}

/* Takes @task; there is a way left. */
static void
try_next (GTask *task)
{
  Dial *dial = g_task_get_task_data (task);
  g_autoptr (GInetAddress) way = dial->ways->data;
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (way, dial->target.port);

  dial->ways = g_list_delete_link (dial->ways, dial->ways);
  g_socket_client_connect_async (dial->client, G_SOCKET_CONNECTABLE (address),
                                 g_task_get_cancellable (task), on_connected, task);
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  Dial *dial = g_task_get_task_data (task);
  g_autolist (GInetAddress) addresses =
      g_resolver_lookup_by_name_finish (G_RESOLVER (source), result, &error);
  guint n = 0;

  if (addresses == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  for (GList *at = addresses; at != NULL && n < ADDRESSES_MAX; at = at->next)
    {
      if (!bfy_run_tunnels_may_reach (at->data))
        continue;
      dial->ways = g_list_append (dial->ways, g_object_ref (at->data));
      n++;
    }
  if (dial->ways != NULL)
    try_next (g_steal_pointer (&task));
  else
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_DENIED,
                             "That name leads into a network of this machine");
}

void
bfy_run_tunnel_dial_async (const BfyRunTarget *target,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  Dial *dial = g_new0 (Dial, 1);

  g_task_set_source_tag (task, bfy_run_tunnel_dial_async);
  dial->target = *target;
  dial->client = g_socket_client_new ();
  g_socket_client_set_enable_proxy (dial->client, FALSE);
  g_socket_client_set_timeout (dial->client, DIAL_S);
  g_task_set_task_data (task, dial, dial_free);
  g_resolver_lookup_by_name_async (resolver, dial->target.host, cancellable, on_looked_up, task);
}

GSocketConnection *
bfy_run_tunnel_dial_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
