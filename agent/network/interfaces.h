/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* The networks that this machine is in, as far as devices can be in them too: not itself, and not
 * the other end of a tunnel, which is no place to say names and addresses of devices at home. */

#define BFY_INTERFACES_MAX 16 /* more are left out */

typedef struct
{
  guint index; /* of the kernel */
  guint8 bytes[16];
  guint8 length; /* 4 or 16 */
  guint8 n_bits; /* of @bytes are the network's */
  gboolean has_multicast;
  gboolean has_broadcast;
} BfyInterface;

/* Those that are up; of IPv6 the link-local ones, which every such network has. (transfer full)
 * (element-type BfyInterface) */
GArray *bfy_interfaces_list (void);

GSocketFamily bfy_interface_get_family (const BfyInterface *self);
/* Whether an address is one of its network. */
gboolean bfy_interface_contains (const BfyInterface *self, GInetAddress *address);
/* The address of all in its network, which has to be IPv4. */
void bfy_interface_fill_broadcast (const BfyInterface *self, guint8 *bytes);
