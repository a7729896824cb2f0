/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* How a process holds a socket. */
typedef enum
{
  BFY_SOCKET_ABSENT,    /* it does not, or we may not see */
  BFY_SOCKET_INHERITED, /* it stays open when the process becomes another program */
  BFY_SOCKET_OWN,       /* it would be closed then: close-on-exec */
} BfySocketHold;

/* @inode: the number of the socket. Reads /proc/PID/fd. */
BfySocketHold bfy_sockets_find (int pid, guint64 inode);
