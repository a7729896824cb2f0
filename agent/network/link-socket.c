/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/network/link-socket.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define HOPS 255 /* RFC 6762, 11 */

static GSocketAddress *
own_address (const BfyInterface *self)
{
  g_autoptr (GInetAddress) address =
      g_inet_address_new_from_bytes (self->bytes, bfy_interface_get_family (self));

  return g_object_new (G_TYPE_INET_SOCKET_ADDRESS, "address", address, "port", 0, "scope-id",
                       self->length == 16 ? self->index : 0, NULL);
}

static GSocket *
new_socket (const BfyInterface *self)
{
  g_autoptr (GSocket) socket = g_socket_new (bfy_interface_get_family (self),
                                             G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GSocketAddress) own = own_address (self);

  if (socket == NULL || !g_socket_bind (socket, own, FALSE, NULL))
    return NULL;
  g_socket_set_blocking (socket, FALSE);

  return g_steal_pointer (&socket);
}

static gboolean
send_groups_through (GSocket *socket, const BfyInterface *self)
{
  const struct ip_mreqn of_v4 = { .imr_ifindex = (int) self->index };
  const int of_v6 = (int) self->index;
  int fd = g_socket_get_fd (socket);

  return self->length == 4
             ? setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &of_v4, sizeof of_v4) == 0
             : setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &of_v6, sizeof of_v6) == 0;
}

GSocket *
bfy_link_socket_new_multicast (const BfyInterface *interface)
{
  g_autoptr (GSocket) socket = interface->has_multicast ? new_socket (interface) : NULL;

  if (socket == NULL || !send_groups_through (socket, interface))
    return NULL;
  g_socket_set_multicast_ttl (socket, HOPS);

  return g_steal_pointer (&socket);
}

GSocket *
bfy_link_socket_new_broadcast (const BfyInterface *interface)
{
  g_autoptr (GSocket) socket = interface->has_broadcast ? new_socket (interface) : NULL;
  const int index = (int) htonl (interface->index);

  if (socket == NULL ||
      setsockopt (g_socket_get_fd (socket), IPPROTO_IP, IP_UNICAST_IF, &index, sizeof index) != 0)
    return NULL;
  g_socket_set_broadcast (socket, TRUE);

  return g_steal_pointer (&socket);
}
