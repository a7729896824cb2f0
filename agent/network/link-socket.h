/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/network/interfaces.h"

/* Sockets that send to all of one network, through that interface and no other: a default route may
 * lead somewhere else. */

/* To groups, and to be answered. NULL when this network has none. (transfer full) */
GSocket *bfy_link_socket_new_multicast (const BfyInterface *interface);
/* To everybody. NULL when this network has no such address. (transfer full) */
GSocket *bfy_link_socket_new_broadcast (const BfyInterface *interface);
