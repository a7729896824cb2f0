/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* A socket that listens in the network of a run, and hands out who connects to it. It came out of
 * the sandbox as a descriptor, so it has no path that another run could find. */
typedef struct _BfyRunListener BfyRunListener;

#define BFY_RUN_CONNECTIONS_MAX 256 /* at the same time; more wait */

/* Takes @connection, which counts until it is gone, whoever has it then. */
typedef void (*BfyRunGuestFunc) (GSocketConnection *connection, gpointer user_data);

/* @fd: a listening socket, which is taken. */
BfyRunListener *bfy_run_listener_new (int fd,
                                      BfyRunGuestFunc func,
                                      gpointer user_data,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Closes it; nobody is handed out any more. */
void bfy_run_listener_free (BfyRunListener *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRunListener, bfy_run_listener_free)
