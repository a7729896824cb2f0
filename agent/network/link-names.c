/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/network/link-names.h"

#include <sys/random.h>

#include "agent/network/link-cache.h"
#include "agent/network/link-socket.h"
#include "protocol/mdns.h"

/* When it is asked, after the beginning; the last one is the end. */
static const guint rounds_ms[] = { 0, 300, 900, BFY_LINK_NAMES_PATIENCE_MS };

typedef struct
{
  GTask *task; /* borrowed */
  BfyInterface interface;
  GSocket *socket; /* (owned) */
  GSource *source; /* (owned) (nullable) */
} Link;

typedef struct
{
  char *host;         /* (owned) */
  char *name;         /* (owned) as it is asked for */
  GBytes *of_v4;      /* (owned) (nullable) the question */
  GBytes *of_v6;      /* (owned) (nullable) */
  GPtrArray *links;   /* (owned) (element-type Link) */
  GSource *timer;     /* (owned) (nullable) */
  GSource *cancelled; /* (owned) (nullable) */
  guint16 id;
  guint round;
  guint n_datagrams;
} Lookup;

static BfyLinkCache *
get_cache (void)
{
  static BfyLinkCache *cache = NULL;

  if (cache == NULL)
    cache = bfy_link_cache_new ();

  return cache;
}

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
link_free (gpointer data)
{
  Link *link = data;

  drop_source (&link->source);
  g_object_unref (link->socket);
  g_free (link);
}

static void
lookup_free (gpointer data)
{
  Lookup *self = data;

  drop_source (&self->timer);
  drop_source (&self->cancelled);
  g_ptr_array_unref (self->links);
  g_clear_pointer (&self->of_v4, g_bytes_unref);
  g_clear_pointer (&self->of_v6, g_bytes_unref);
  g_free (self->host);
  g_free (self->name);
  g_free (self);
}

/* Nothing is listened to any more. */
static void
stop (Lookup *self)
{
  drop_source (&self->timer);
  drop_source (&self->cancelled);
  g_ptr_array_set_size (self->links, 0);
}

static void
free_addresses (gpointer addresses)
{
  g_list_free_full (addresses, g_object_unref);
}

/* --- Asking --- */

static GSocketAddress *
group_of (const BfyInterface *interface)
{
  static const guint8 v4[] = { 224, 0, 0, 251 };
  static const guint8 v6[] = { 0xff, 0x02, [15] = 0xfb };
  gboolean is_v4 = interface->length == 4;
  g_autoptr (GInetAddress) address =
      g_inet_address_new_from_bytes (is_v4 ? v4 : v6, bfy_interface_get_family (interface));

  return g_object_new (G_TYPE_INET_SOCKET_ADDRESS, "address", address, "port", BFY_MDNS_PORT,
                       "scope-id", is_v4 ? 0 : interface->index, NULL);
}

static void
send_question (Link *link, GSocketAddress *group, GBytes *question)
{
  gsize length;
  const char *data = g_bytes_get_data (question, &length);

  (void) g_socket_send_to (link->socket, group, data, length, NULL, NULL);
}

static void
ask (Lookup *self)
{
  for (guint i = 0; i < self->links->len; i++)
    {
      Link *link = g_ptr_array_index (self->links, i);
      g_autoptr (GSocketAddress) group = group_of (&link->interface);

      send_question (link, group, self->of_v4);
      send_question (link, group, self->of_v6);
    }
}

/* --- Listening --- */

static gboolean
is_from_the_link (const Link *link, GSocketAddress *from)
{
  GInetSocketAddress *inet = G_IS_INET_SOCKET_ADDRESS (from) ? G_INET_SOCKET_ADDRESS (from) : NULL;

  return inet != NULL && g_inet_socket_address_get_port (inet) == BFY_MDNS_PORT &&
         bfy_interface_contains (&link->interface, g_inet_socket_address_get_address (inet));
}

/* Only with the network that it is in does a link-local address lead anywhere. */
static GSocketAddress *
new_address (const Link *link, const BfyMdnsAddress *from)
{
  GSocketFamily family = from->length == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6;
  g_autoptr (GInetAddress) address = g_inet_address_new_from_bytes (from->bytes, family);
  gboolean is_local = from->length == 16 && g_inet_address_get_is_link_local (address);

  return g_object_new (G_TYPE_INET_SOCKET_ADDRESS, "address", address, "port", 0, "scope-id",
                       is_local ? link->interface.index : 0, NULL);
}

static void
end (Link *link, const BfyMdnsAddress *addresses, guint n)
{
  g_autoptr (GTask) task = g_object_ref (link->task);
  Lookup *self = g_task_get_task_data (task);
  GList *list = NULL;
  guint32 ttl_s = BFY_MDNS_TTL_S_MAX;

  for (guint i = 0; i < n; i++)
    {
      list = g_list_append (list, new_address (link, &addresses[i]));
      ttl_s = MIN (ttl_s, addresses[i].ttl_s);
    }
  bfy_link_cache_put (get_cache (), self->host, list,
                      g_get_monotonic_time () + ttl_s * G_USEC_PER_SEC);
  stop (self);
  g_task_return_pointer (task, list, free_addresses);
  g_object_unref (task);
}

static gboolean
on_datagram (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Link *link = user_data;
  Lookup *self = g_task_get_task_data (link->task);
  guint8 data[BFY_MDNS_MESSAGE_BYTES_MAX];
  BfyMdnsAddress addresses[BFY_MDNS_ADDRESSES_MAX];
  g_autoptr (GSocketAddress) from = NULL;
  gssize length = g_socket_receive_from (socket, &from, (char *) data, sizeof data, NULL, NULL);
  guint n = 0;

  if (++self->n_datagrams > BFY_LINK_NAMES_DATAGRAMS_MAX)
    return G_SOURCE_REMOVE;
  if (length > 0 && is_from_the_link (link, from))
    n = bfy_mdns_read_answer (data, (gsize) length, self->name, self->id, addresses);
  if (n == 0)
    return G_SOURCE_CONTINUE;
  end (link, addresses, n);

  return G_SOURCE_REMOVE;
}

static void
add_link (GTask *task, const BfyInterface *interface)
{
  Lookup *self = g_task_get_task_data (task);
  g_autoptr (GSocket) socket = bfy_link_socket_new_multicast (interface);
  Link *link;

  if (socket == NULL)
    return;
  link = g_new0 (Link, 1);
  link->task = task;
  link->interface = *interface;
  link->socket = g_steal_pointer (&socket);
  link->source = g_socket_create_source (link->socket, G_IO_IN, NULL);
  g_source_set_callback (link->source, (GSourceFunc) (void (*) (void)) on_datagram, link, NULL);
  g_source_attach (link->source, g_task_get_context (task));
  g_ptr_array_add (self->links, link);
}

/* --- From the beginning to the end --- */

static void
give_up (GTask *task)
{
  stop (g_task_get_task_data (task));
  g_task_return_new_error (task, BFY_NETWORK_ERROR, BFY_NETWORK_ERROR_NOBODY_ANSWERED,
                           "Nobody answers for this name");
  g_object_unref (task);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;

  stop (g_task_get_task_data (task));
  g_task_return_error_if_cancelled (task);
  g_object_unref (task);

  return G_SOURCE_REMOVE;
}

static void
watch_cancelled (GTask *task)
{
  Lookup *self = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (cancellable == NULL)
    return;
  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancelled, (GSourceFunc) (void (*) (void)) on_cancelled, task, NULL);
  g_source_attach (self->cancelled, g_task_get_context (task));
}

static gboolean on_round (gpointer user_data);

static void
wait_for_round (GTask *task)
{
  Lookup *self = g_task_get_task_data (task);

  drop_source (&self->timer);
  self->timer = g_timeout_source_new (rounds_ms[self->round] - rounds_ms[self->round - 1]);
  g_source_set_callback (self->timer, on_round, task, NULL);
  g_source_attach (self->timer, g_task_get_context (task));
}

static gboolean
on_round (gpointer user_data)
{
  GTask *task = user_data;
  Lookup *self = g_task_get_task_data (task);

  if (self->round == G_N_ELEMENTS (rounds_ms) - 1)
    {
      give_up (task);
      return G_SOURCE_REMOVE;
    }
  ask (self);
  self->round++;
  wait_for_round (task);

  return G_SOURCE_REMOVE;
}

/* A URL has the form of such a name in ASCII, the network the name itself (RFC 6762, 16). */
static Lookup *
lookup_new (const char *host)
{
  Lookup *self = g_new0 (Lookup, 1);

  self->host = g_strdup (host);
  self->name = g_hostname_to_unicode (host);
  if (self->name == NULL)
    self->name = g_strdup (host);
  self->links = g_ptr_array_new_with_free_func (link_free);
  if (getrandom (&self->id, sizeof self->id, 0) != sizeof self->id)
    return self;
  self->of_v4 = bfy_mdns_new_question (self->name, BFY_MDNS_A, self->id);
  self->of_v6 = bfy_mdns_new_question (self->name, BFY_MDNS_AAAA, self->id);

  return self;
}

static void
begin (GTask *task)
{
  Lookup *self = g_task_get_task_data (task);
  g_autoptr (GArray) interfaces = bfy_interfaces_list ();

  for (guint i = 0; self->of_v4 != NULL && self->of_v6 != NULL && i < interfaces->len; i++)
    add_link (task, &g_array_index (interfaces, BfyInterface, i));
  if (self->links->len == 0)
    {
      give_up (task);
      return;
    }
  watch_cancelled (task);
  (void) on_round (task);
}

void
bfy_link_names_lookup_async (const char *host,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  GList *known = bfy_link_cache_find (get_cache (), host, g_get_monotonic_time ());

  g_task_set_source_tag (task, bfy_link_names_lookup_async);
  g_task_set_task_data (task, lookup_new (host), lookup_free);
  if (known == NULL)
    {
      begin (task);
      return;
    }
  g_task_return_pointer (task, known, free_addresses);
  g_object_unref (task);
}

GList *
bfy_link_names_lookup_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
