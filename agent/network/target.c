/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* GIO takes the name that a certificate must have from a GNetworkAddress, so this is one; what it
 * replaces is how such an address becomes socket addresses. */

#include "agent/network/target.h"

#include "agent/network/resolve.h"
#include "protocol/mdns.h"

struct _BfyTarget
{
  GNetworkAddress parent_instance;

  BfyUpstream *url;         /* (owned) */
  BfyNetworkPolicy *policy; /* (owned) (nullable) */
  char *own_origin;         /* (owned) (nullable) */
  gboolean allow_local;
  gboolean has_proxy;
  BfyProxy proxy; /* its host is owned */
  gboolean proxy_resolves;
  gboolean asks_link;
};

static void init_connectable (GSocketConnectableIface *iface);

G_DEFINE_QUARK (bfy_network_error, bfy_network_error)

G_DEFINE_FINAL_TYPE_WITH_CODE (BfyTarget,
                               bfy_target,
                               G_TYPE_NETWORK_ADDRESS,
                               G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE, init_connectable))

/* --- One new connection --- */

#define TYPE_WALK (walk_get_type ())
G_DECLARE_FINAL_TYPE (Walk, walk, BFY, WALK, GSocketAddressEnumerator)

struct _Walk
{
  GSocketAddressEnumerator parent_instance;

  BfyTarget *target;    /* (owned) */
  GPtrArray *addresses; /* (owned) (nullable) (element-type GSocketAddress) once looked up */
  guint next;
};

G_DEFINE_FINAL_TYPE (Walk, walk, G_TYPE_SOCKET_ADDRESS_ENUMERATOR)

static void
return_next (GTask *task, Walk *self)
{
  GSocketAddress *next = NULL;

  if (self->next < self->addresses->len)
    next = g_object_ref (g_ptr_array_index (self->addresses, self->next++));
  g_task_return_pointer (task, next, g_object_unref);
}

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Walk *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->addresses = bfy_resolve_finish (result, &error);
  if (self->addresses != NULL)
    return_next (task, self);
  else
    g_task_return_error (task, error);
}

static void
walk_next_async (GSocketAddressEnumerator *enumerator,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  Walk *self = BFY_WALK (enumerator);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, walk_next_async);
  if (self->addresses != NULL)
    return_next (task, self);
  else
    bfy_resolve_async (self->target, cancellable, on_resolved, g_steal_pointer (&task));
}

static GSocketAddress *
walk_next_finish (GSocketAddressEnumerator *enumerator, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Nobody here waits for a name server. */
static GSocketAddress *
walk_next (GSocketAddressEnumerator *enumerator, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "Only asynchronously");

  return NULL;
}

static void
walk_finalize (GObject *object)
{
  Walk *self = BFY_WALK (object);

  g_object_unref (self->target);
  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  G_OBJECT_CLASS (walk_parent_class)->finalize (object);
}

static void
walk_class_init (WalkClass *klass)
{
  GSocketAddressEnumeratorClass *enumerator_class = G_SOCKET_ADDRESS_ENUMERATOR_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = walk_finalize;
  enumerator_class->next = walk_next;
  enumerator_class->next_async = walk_next_async;
  enumerator_class->next_finish = walk_next_finish;
}

static void
walk_init (Walk *self)
{
}

static GSocketAddressEnumerator *
enumerate (GSocketConnectable *connectable)
{
  Walk *walk = g_object_new (TYPE_WALK, NULL);

  walk->target = g_object_ref (BFY_TARGET (connectable));

  return G_SOCKET_ADDRESS_ENUMERATOR (walk);
}

/* Our own choice of a proxy, in either case. */
static void
init_connectable (GSocketConnectableIface *iface)
{
  iface->enumerate = enumerate;
  iface->proxy_enumerate = enumerate;
}

/* --- The target --- */

static BfyNetworkFacts
facts_of (BfyTarget *self)
{
  return (BfyNetworkFacts){ self->own_origin, self->allow_local };
}

BfyNetworkVerdict
bfy_target_judge (BfyTarget *self, GInetAddress *address)
{
  const BfyNetworkFacts facts = facts_of (self);

  return bfy_network_policy_check_address (self->policy, self->url,
                                           g_inet_address_to_bytes (address),
                                           g_inet_address_get_native_size (address), &facts);
}

const BfyUpstream *
bfy_target_get_url (BfyTarget *self)
{
  return self->url;
}

const BfyProxy *
bfy_target_get_proxy (BfyTarget *self)
{
  return self->has_proxy ? &self->proxy : NULL;
}

gboolean
bfy_target_leaves_name_to_proxy (BfyTarget *self)
{
  return self->has_proxy && self->proxy_resolves && !self->asks_link &&
         !bfy_upstream_is_address (self->url);
}

gboolean
bfy_target_asks_link (BfyTarget *self)
{
  return self->asks_link;
}

static gboolean
choose_proxy (BfyTarget *self, const BfyTerms *terms, GError **error)
{
  const BfyProxy *proxy;
  g_autoptr (GError) problem = NULL;

  if (!bfy_proxies_find (terms->proxies, self->url, &proxy, &problem))
    {
      g_set_error_literal (error, BFY_NETWORK_ERROR, BFY_NETWORK_ERROR_BAD_PROXY, problem->message);
      return FALSE;
    }

  self->has_proxy = proxy != NULL;
  self->proxy_resolves = terms->proxy_resolves;
  if (proxy != NULL)
    self->proxy = (BfyProxy){ g_strdup (proxy->host), proxy->port };

  return TRUE;
}

BfyTarget *
bfy_target_new (const BfyUpstream *url, const BfyTerms *terms, GError **error)
{
  BfyNetworkVerdict verdict =
      bfy_network_policy_check_url (terms->policy, url, terms->purpose, &terms->facts);
  g_autoptr (BfyTarget) self = NULL;

  if (verdict != BFY_NETWORK_ALLOWED)
    {
      g_set_error_literal (error, BFY_NETWORK_ERROR, (int) verdict,
                           bfy_network_verdict_describe (verdict));
      return NULL;
    }

  self = g_object_new (BFY_TYPE_TARGET, "hostname", url->host, "port", url->port, NULL);
  self->url = bfy_upstream_parse_plain (url->uri, NULL);
  if (terms->policy != NULL)
    self->policy = bfy_network_policy_ref ((BfyNetworkPolicy *) terms->policy);
  self->own_origin = g_strdup (terms->facts.own_origin);
  self->allow_local = terms->facts.allow_local;
  self->asks_link = terms->asks_link && bfy_mdns_is_name (url->host);

  return choose_proxy (self, terms, error) ? g_steal_pointer (&self) : NULL;
}

static void
bfy_target_finalize (GObject *object)
{
  BfyTarget *self = BFY_TARGET (object);

  bfy_upstream_free (self->url);
  bfy_network_policy_unref (self->policy);
  g_free (self->own_origin);
  g_free (self->proxy.host);
  G_OBJECT_CLASS (bfy_target_parent_class)->finalize (object);
}

static void
bfy_target_class_init (BfyTargetClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_target_finalize;
}

static void
bfy_target_init (BfyTarget *self)
{
}
