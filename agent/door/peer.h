/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>
#include <sys/types.h>

/* Who is at the other end, as the kernel tells it. The uid is the boundary; the pid is a hint for a
 * person (craft 1.5). */
typedef struct
{
  uid_t uid;
  pid_t pid; /* 0 when unknown */
} BfyPeer;

/* SO_PEERCRED: frozen when the peer connected. */
gboolean
bfy_peer_of_unix (GSocket *connection, BfyPeer *peer, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The owner of the other end of a loopback TCP connection, by one exact question to the kernel
 * (NETLINK_SOCK_DIAG). Fails when the other end is not on this machine or already gone. */
gboolean
bfy_peer_of_tcp (GSocket *connection, BfyPeer *peer, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "uid 1000 pid 4711 exe python3.11"; what is not known is left out. The name is that of the
 * program that has the number now, which is a hint and no proof. Free with g_free(). */
char *bfy_peer_describe (const BfyPeer *self);
