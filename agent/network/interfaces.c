/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/network/interfaces.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

#include "protocol/upstream.h"

static gboolean
take_bytes (const struct sockaddr *address, guint8 *bytes, guint8 *length)
{
  if (address == NULL)
    return FALSE;
  switch (address->sa_family)
    {
    case AF_INET:
      *length = 4;
      memcpy (bytes, &((const struct sockaddr_in *) (gconstpointer) address)->sin_addr, 4);
      return TRUE;
    case AF_INET6:
      *length = 16;
      memcpy (bytes, &((const struct sockaddr_in6 *) (gconstpointer) address)->sin6_addr, 16);
      return TRUE;
    default:
      return FALSE;
    }
}

static guint8
count_bits (const guint8 *mask, gsize length)
{
  guint8 n = 0;

  for (gsize i = 0; i < length * 8 && (mask[i / 8] & (0x80 >> (i % 8))) != 0; i++)
    n++;

  return n;
}

static gboolean
is_link_local (const guint8 *bytes)
{
  static const guint8 prefix[] = { 0xfe, 0x80 };

  return bfy_reach_is_within (bytes, prefix, 10);
}

static gboolean
read_interface (const struct ifaddrs *from, BfyInterface *self)
{
  guint8 mask[16];
  guint8 n_mask;

  if ((from->ifa_flags & IFF_UP) == 0 ||
      (from->ifa_flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) != 0 ||
      !take_bytes (from->ifa_addr, self->bytes, &self->length) ||
      !take_bytes (from->ifa_netmask, mask, &n_mask) || n_mask != self->length)
    return FALSE;
  self->index = if_nametoindex (from->ifa_name);
  self->n_bits = count_bits (mask, n_mask);
  self->has_multicast = (from->ifa_flags & IFF_MULTICAST) != 0;
  self->has_broadcast = self->length == 4 && (from->ifa_flags & IFF_BROADCAST) != 0;

  return self->index != 0 && (self->length == 4 || is_link_local (self->bytes));
}

/* A machine may have several addresses in one network. */
static gboolean
has_network (const GArray *list, const BfyInterface *one)
{
  for (guint i = 0; i < list->len; i++)
    {
      const BfyInterface *known = &g_array_index (list, BfyInterface, i);

      if (known->index == one->index && known->length == one->length &&
          known->n_bits == one->n_bits &&
          bfy_reach_is_within (one->bytes, known->bytes, known->n_bits))
        return TRUE;
    }

  return FALSE;
}

GArray *
bfy_interfaces_list (void)
{
  GArray *list = g_array_new (FALSE, TRUE, sizeof (BfyInterface));
  struct ifaddrs *all = NULL;

  if (getifaddrs (&all) != 0)
    return list;
  for (const struct ifaddrs *at = all; at != NULL && list->len < BFY_INTERFACES_MAX;
       at = at->ifa_next)
    {
      BfyInterface interface = { 0 };

      if (read_interface (at, &interface) && !has_network (list, &interface))
        g_array_append_val (list, interface);
    }
  freeifaddrs (all);

  return list;
}

GSocketFamily
bfy_interface_get_family (const BfyInterface *self)
{
  return self->length == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6;
}

gboolean
bfy_interface_contains (const BfyInterface *self, GInetAddress *address)
{
  return g_inet_address_get_native_size (address) == self->length &&
         bfy_reach_is_within (g_inet_address_to_bytes (address), self->bytes, self->n_bits);
}

void
bfy_interface_fill_broadcast (const BfyInterface *self, guint8 *bytes)
{
  for (guint i = 0; i < 4; i++)
    {
      guint n_of_byte = self->n_bits > i * 8 ? MIN (self->n_bits - i * 8, 8u) : 0;

      bytes[i] = (guint8) (self->bytes[i] | 0xff >> n_of_byte);
    }
}
