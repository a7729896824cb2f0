/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/network/resolve.h"

#include "agent/network/link-names.h"
#include "agent/network/tunnel.h"

/* A name of the local network may be none to the name server, or there is none to answer at all. */
#define SYSTEM_PATIENCE_MS 1000

typedef struct
{
  BfyTarget *target;      /* (owned) */
  GList *judged;          /* (owned) (element-type GInetSocketAddress) */
  GCancellable *patience; /* (owned) (nullable) with the system, for a name of the local network */
  guint patience_id;
} Question;

static void
question_free (gpointer user_data)
{
  Question *question = user_data;

  g_clear_handle_id (&question->patience_id, g_source_remove);
  g_clear_object (&question->patience);
  g_object_unref (question->target);
  g_list_free_full (question->judged, g_object_unref);
  g_free (question);
}

static guint16
port_of (Question *question)
{
  return bfy_target_get_url (question->target)->port;
}

/* --- Through a proxy --- */

static gboolean
is_external (GInetAddress *address)
{
  return bfy_reach_of_address (g_inet_address_to_bytes (address),
                               g_inet_address_get_native_size (address)) == BFY_REACH_EXTERNAL;
}

static void
add_tunnel (GPtrArray *ways, GInetAddress *at, guint16 at_port, const char *to, guint16 to_port)
{
  if (ways->len < BFY_RESOLVE_ADDRESSES_MAX)
    g_ptr_array_add (
        ways, g_proxy_address_new (at, at_port, BFY_TUNNEL_PROTOCOL, to, to_port, NULL, NULL));
}

/* A name beside good addresses may have led somewhere local, too, where a proxy has no business. */
static void
add_way (GPtrArray *ways, Question *question, GInetSocketAddress *way, GList *proxies)
{
  const BfyProxy *proxy = bfy_target_get_proxy (question->target);
  GInetAddress *to = g_inet_socket_address_get_address (way);
  g_autofree char *text = g_inet_address_to_string (to);

  if (!is_external (to))
    {
      g_ptr_array_add (ways, g_object_ref (way));
      return;
    }
  for (GList *at = proxies; at != NULL; at = at->next)
    add_tunnel (ways, at->data, proxy->port, text, port_of (question));
}

static void
answer_through (GTask *task, GList *proxies)
{
  Question *question = g_task_get_task_data (task);
  const BfyUpstream *url = bfy_target_get_url (question->target);
  const BfyProxy *proxy = bfy_target_get_proxy (question->target);
  g_autoptr (GPtrArray) ways = g_ptr_array_new_with_free_func (g_object_unref);

  if (bfy_target_leaves_name_to_proxy (question->target))
    for (GList *at = proxies; at != NULL; at = at->next)
      add_tunnel (ways, at->data, proxy->port, url->host, url->port);
  for (GList *to = question->judged; to != NULL; to = to->next)
    add_way (ways, question, to->data, proxies);
  g_task_return_pointer (task, g_steal_pointer (&ways), (GDestroyNotify) g_ptr_array_unref);
}

static void
on_proxy_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autolist (GInetAddress) addresses =
      g_resolver_lookup_by_name_finish (G_RESOLVER (source), result, &error);

  if (addresses != NULL)
    answer_through (task, addresses);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_new_error (task, BFY_NETWORK_ERROR, BFY_NETWORK_ERROR_NO_PROXY,
                             "The proxy's name cannot be resolved");
}

/* Takes over @task. The person named the proxy, so its address is nobody's to judge. */
static void
look_up_proxy (GTask *task)
{
  Question *question = g_task_get_task_data (task);
  g_autoptr (GResolver) resolver = g_resolver_get_default ();

  g_resolver_lookup_by_name_async (resolver, bfy_target_get_proxy (question->target)->host,
                                   g_task_get_cancellable (task), on_proxy_looked_up, task);
}

/* --- The host --- */

static void
answer (GTask *task)
{
  Question *question = g_task_get_task_data (task);
  g_autoptr (GPtrArray) ways = g_ptr_array_new_with_free_func (g_object_unref);

  for (GList *to = question->judged; to != NULL; to = to->next)
    g_ptr_array_add (ways, g_object_ref (to->data));
  g_task_return_pointer (task, g_steal_pointer (&ways), (GDestroyNotify) g_ptr_array_unref);
}

static GInetSocketAddress *
way_to (Question *question, GInetAddress *address, guint32 scope_id)
{
  return g_object_new (G_TYPE_INET_SOCKET_ADDRESS, "address", address, "port",
                       (guint) port_of (question), "scope-id", scope_id, NULL);
}

/* One bad address beside a good one need not be an attack: a network has names of its own for its
 * translators (NAT64). It is enough that nothing goes there. */
static BfyNetworkVerdict
judge_all (Question *question, GList *ways)
{
  BfyNetworkVerdict worst = BFY_NETWORK_ALLOWED;
  guint n = 0;

  for (GList *link = ways; link != NULL && n < BFY_RESOLVE_ADDRESSES_MAX; link = link->next)
    {
      GInetAddress *address = g_inet_socket_address_get_address (link->data);
      BfyNetworkVerdict verdict = bfy_target_judge (question->target, address);

      if (verdict == BFY_NETWORK_ALLOWED)
        {
          question->judged = g_list_append (question->judged, g_object_ref (link->data));
          n++;
        }
      else if (worst == BFY_NETWORK_ALLOWED)
        {
          worst = verdict;
        }
    }

  return worst;
}

/* Takes over @task. */
static void
take_ways (GTask *owned_task, GList *ways)
{
  g_autoptr (GTask) task = owned_task;
  Question *question = g_task_get_task_data (task);
  BfyNetworkVerdict worst = judge_all (question, ways);

  if (question->judged == NULL)
    g_task_return_new_error (task, BFY_NETWORK_ERROR, (int) worst, "%s",
                             bfy_network_verdict_describe (worst));
  else if (bfy_target_get_proxy (question->target) != NULL &&
           !bfy_target_asks_link (question->target))
    look_up_proxy (g_steal_pointer (&task));
  else
    answer (task);
}

/* Takes over @task. */
static void
take_addresses (GTask *task, GList *addresses)
{
  Question *question = g_task_get_task_data (task);
  g_autolist (GInetSocketAddress) ways = NULL;

  for (GList *link = addresses; link != NULL; link = link->next)
    ways = g_list_append (ways, way_to (question, link->data, 0));
  take_ways (task, ways);
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  Question *question = g_task_get_task_data (task);
  g_autolist (GInetAddress) addresses =
      g_resolver_lookup_by_name_finish (G_RESOLVER (source), result, &error);

  if (addresses != NULL)
    take_addresses (g_steal_pointer (&task), addresses);
  else if (error->domain == G_RESOLVER_ERROR && bfy_target_get_proxy (question->target) != NULL)
    g_task_return_new_error (task, BFY_NETWORK_ERROR, BFY_NETWORK_ERROR_NO_NAME_BEHIND_PROXY,
                             "The name cannot be resolved here");
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* --- A name of the local network --- */

static guint32
scope_of (GInetSocketAddress *way)
{
  GInetAddress *address = g_inet_socket_address_get_address (way);

  return g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6
             ? g_inet_socket_address_get_scope_id (way)
             : 0;
}

static void
on_link_asked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Question *question = g_task_get_task_data (task);
  GError *error = NULL;
  g_autolist (GInetSocketAddress) found = bfy_link_names_lookup_finish (result, &error);
  g_autolist (GInetSocketAddress) ways = NULL;

  if (found == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  for (GList *link = found; link != NULL; link = link->next)
    ways = g_list_append (ways, way_to (question, g_inet_socket_address_get_address (link->data),
                                        scope_of (link->data)));
  take_ways (g_steal_pointer (&task), ways);
}

/* Whoever has given names addresses on this machine meant it; who has not is not waited for. */
static void
on_system_asked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Question *question = g_task_get_task_data (task);
  g_autolist (GInetAddress) addresses =
      g_resolver_lookup_by_name_finish (G_RESOLVER (source), result, NULL);

  g_clear_handle_id (&question->patience_id, g_source_remove);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (addresses != NULL)
    take_addresses (g_steal_pointer (&task), addresses);
  else
    bfy_link_names_lookup_async (bfy_target_get_url (question->target)->host,
                                 g_task_get_cancellable (task), on_link_asked, g_object_ref (task));
}

static gboolean
on_patience_over (gpointer user_data)
{
  Question *question = user_data;

  question->patience_id = 0;
  g_cancellable_cancel (question->patience);

  return G_SOURCE_REMOVE;
}

/* Takes over @task. */
static void
ask_system_and_link (GTask *task)
{
  Question *question = g_task_get_task_data (task);
  g_autoptr (GResolver) resolver = g_resolver_get_default ();

  question->patience = g_cancellable_new ();
  question->patience_id = g_timeout_add (SYSTEM_PATIENCE_MS, on_patience_over, question);
  g_resolver_lookup_by_name_async (resolver, bfy_target_get_url (question->target)->host,
                                   question->patience, on_system_asked, task);
}

/* NULL for a name that has to be looked up. */
static GList *
known_addresses (const BfyUpstream *url)
{
  GInetAddress *literal = g_inet_address_new_from_string (url->host);

  if (literal != NULL)
    return g_list_append (NULL, literal);
  if (url->reach != BFY_REACH_LOOPBACK)
    return NULL;

  return g_list_append (g_list_append (NULL, g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4)),
                        g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV6));
}

void
bfy_resolve_async (BfyTarget *target,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  const BfyUpstream *url = bfy_target_get_url (target);
  g_autolist (GInetAddress) known = known_addresses (url);
  Question *question = g_new0 (Question, 1);
  g_autoptr (GResolver) resolver = NULL;

  g_task_set_source_tag (task, bfy_resolve_async);
  g_task_set_task_data (task, question, question_free);
  question->target = g_object_ref (target);
  if (known != NULL)
    {
      take_addresses (g_steal_pointer (&task), known);
      return;
    }
  if (bfy_target_leaves_name_to_proxy (target))
    {
      look_up_proxy (g_steal_pointer (&task));
      return;
    }

  if (bfy_target_asks_link (target))
    {
      ask_system_and_link (g_steal_pointer (&task));
      return;
    }

  resolver = g_resolver_get_default ();
  g_resolver_lookup_by_name_async (resolver, url->host, cancellable, on_looked_up,
                                   g_steal_pointer (&task));
}

GPtrArray *
bfy_resolve_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
