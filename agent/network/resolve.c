/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/network/resolve.h"

#include "protocol/error.h"

typedef struct
{
  char *host; /* (owned) */
  guint16 port;
  gboolean allow_local;
} Question;

static void
question_free (gpointer user_data)
{
  Question *question = user_data;

  g_free (question->host);
  g_free (question);
}

static gboolean
may_be_reached (GInetAddress *address, gboolean allow_local)
{
  const guint8 *bytes = g_inet_address_to_bytes (address);
  gsize length = g_inet_address_get_native_size (address);

  return allow_local || bfy_reach_of_address (bytes, length) == BFY_REACH_EXTERNAL;
}

/* One bad address beside a good one need not be an attack: a network has names of its own for its
 * translators (NAT64). It is enough that nothing goes there. */
static void
answer (GTask *task, GList *addresses)
{
  Question *question = g_task_get_task_data (task);
  g_autoptr (GList) judged = NULL;

  for (GList *link = addresses; link != NULL; link = link->next)
    {
      if (may_be_reached (link->data, question->allow_local))
        judged = g_list_append (judged, link->data);
    }
  if (judged != NULL)
    g_task_return_pointer (task, bfy_pinned_address_new (question->host, question->port, judged),
                           g_object_unref);
  else
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_LOCAL_ADDRESS,
                             "The sign-in leads to this machine or a private network, where a "
                             "service on the internet has nothing to look for");
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autolist (GInetAddress) addresses =
      g_resolver_lookup_by_name_finish (G_RESOLVER (source), result, &error);

  if (addresses != NULL)
    answer (task, addresses);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                             "The host name of the sign-in server cannot be resolved");
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
bfy_resolve_async (const BfyUpstream *url,
                   gboolean allow_local,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autolist (GInetAddress) addresses = known_addresses (url);
  Question *question = g_new0 (Question, 1);
  g_autoptr (GResolver) resolver = NULL;

  g_task_set_source_tag (task, bfy_resolve_async);
  g_task_set_task_data (task, question, question_free);
  question->host = g_strdup (url->host);
  question->port = url->port;
  question->allow_local = allow_local;
  if (addresses != NULL)
    {
      answer (task, addresses);
      return;
    }

  resolver = g_resolver_get_default ();
  g_resolver_lookup_by_name_async (resolver, url->host, cancellable, on_looked_up,
                                   g_steal_pointer (&task));
}

BfyPinnedAddress *
bfy_resolve_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
