/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>
#include <sys/types.h>

/* Exact questions to the kernel about the other end of a connection (NETLINK_SOCK_DIAG). On failure
 * errno tells why. */

/* Of loopback TCP: who owns the other end, and its socket's number below /proc/PID/fd. Fails when
 * it is not on this machine or already gone. */
gboolean bfy_sock_diag_tcp (int fd, uid_t *uid, guint64 *inode) G_GNUC_WARN_UNUSED_RESULT;

/* Of a UNIX connection: the number of the other end's socket. Fails, too, where the kernel was
 * built without it. */
gboolean bfy_sock_diag_unix (int fd, guint64 *inode) G_GNUC_WARN_UNUSED_RESULT;
