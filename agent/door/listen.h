/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* Making or taking over the sockets behind the doors. All of them are close-on-exec and
 * non-blocking. Errors: BFY_ERROR_IN_USE, BFY_ERROR_UNSAFE_PATH, BFY_ERROR_INVALID_ARGUMENT,
 * BFY_ERROR_FAILED; each sentence says what to do. */

/* The UNIX door: the directory is made (0700) when missing and must be ours alone, the socket gets
 * 0600. A live agent on @path is BFY_ERROR_IN_USE; a dead one's socket is replaced (craft A14). */
GSocket *bfy_listen_unix (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* 127.0.0.1 or ::1. @port 0 picks a free one. */
GSocket *
bfy_listen_loopback (GSocketFamily family, guint16 port, GError **error) G_GNUC_WARN_UNUSED_RESULT;
guint16 bfy_listen_get_port (GSocket *socket);
/* Of a UNIX socket; "" for one without a path. Free with g_free(). */
char *bfy_listen_get_path (GSocket *socket);

/* systemd's socket activation (sd_listen_fds(3)) from the texts of LISTEN_PID and LISTEN_FDS. Not
 * meant for us (both NULL): TRUE and an empty array. Anything but listening stream sockets that are
 * ours to use, at most one of them UNIX, the others on loopback: an error, never a guess (craft
 * A15). (transfer full) (element-type GSocket) */
GPtrArray *bfy_listen_inherited (const char *listen_pid,
                                 const char *listen_fds,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
