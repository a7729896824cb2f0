/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* GIO takes the name that a certificate must have from a GNetworkAddress, so this is one; what it
 * replaces is how such an address becomes socket addresses, which would be one more look-up. */

#include "agent/network/pinned-address.h"

struct _BfyPinnedAddress
{
  GNetworkAddress parent_instance;

  GPtrArray *addresses; /* (owned) (element-type GSocketAddress) immutable once made */
};

static void init_connectable (GSocketConnectableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BfyPinnedAddress,
                               bfy_pinned_address,
                               G_TYPE_NETWORK_ADDRESS,
                               G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE, init_connectable))

#define TYPE_PINS (pins_get_type ())
G_DECLARE_FINAL_TYPE (Pins, pins, BFY, PINS, GSocketAddressEnumerator)

/* One walk over them. */
struct _Pins
{
  GSocketAddressEnumerator parent_instance;

  GPtrArray *addresses; /* (owned) */
  guint next;
};

G_DEFINE_FINAL_TYPE (Pins, pins, G_TYPE_SOCKET_ADDRESS_ENUMERATOR)

static GSocketAddress *
pins_next (GSocketAddressEnumerator *enumerator, GCancellable *cancellable, GError **error)
{
  Pins *self = BFY_PINS (enumerator);

  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      self->next >= self->addresses->len)
    return NULL;

  return g_object_ref (g_ptr_array_index (self->addresses, self->next++));
}

static void
pins_finalize (GObject *object)
{
  Pins *self = BFY_PINS (object);

  g_ptr_array_unref (self->addresses);
  G_OBJECT_CLASS (pins_parent_class)->finalize (object);
}

static void
pins_class_init (PinsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pins_finalize;
  G_SOCKET_ADDRESS_ENUMERATOR_CLASS (klass)->next = pins_next;
}

static void
pins_init (Pins *self)
{
}

static GSocketAddressEnumerator *
enumerate (GSocketConnectable *connectable)
{
  Pins *pins = g_object_new (TYPE_PINS, NULL);

  pins->addresses = g_ptr_array_ref (BFY_PINNED_ADDRESS (connectable)->addresses);

  return G_SOCKET_ADDRESS_ENUMERATOR (pins);
}

/* No proxy either: it would look the name up once more, and where it leads nobody here has judged.
 */
static void
init_connectable (GSocketConnectableIface *iface)
{
  iface->enumerate = enumerate;
  iface->proxy_enumerate = enumerate;
}

static void
bfy_pinned_address_finalize (GObject *object)
{
  BfyPinnedAddress *self = BFY_PINNED_ADDRESS (object);

  g_ptr_array_unref (self->addresses);
  G_OBJECT_CLASS (bfy_pinned_address_parent_class)->finalize (object);
}

static void
bfy_pinned_address_class_init (BfyPinnedAddressClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_pinned_address_finalize;
}

static void
bfy_pinned_address_init (BfyPinnedAddress *self)
{
  self->addresses = g_ptr_array_new_with_free_func (g_object_unref);
}

BfyPinnedAddress *
bfy_pinned_address_new (const char *host, guint16 port, GList *addresses)
{
  BfyPinnedAddress *self =
      g_object_new (BFY_TYPE_PINNED_ADDRESS, "hostname", host, "port", port, NULL);

  for (GList *link = addresses; link != NULL; link = link->next)
    g_ptr_array_add (self->addresses, g_inet_socket_address_new (link->data, port));

  return self;
}
