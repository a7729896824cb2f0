/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Many sockets behind one source of the main context. GLib wakes itself through an eventfd each
 * time a source with a descriptor comes or goes, and looks at every descriptor in every turn; a
 * request that crosses two sockets pays for that a dozen times. Here a socket is registered once
 * with the kernel for as long as it lives, edge-triggered: waiting for it costs nothing, and a turn
 * costs the same with one socket as with a thousand. */
typedef struct _BfyPoller BfyPoller;
typedef struct _BfyWatch BfyWatch;

/* @events: of epoll. Called when something has changed since the last call: read and write until
 * the socket refuses, or until as much comes as was asked for. */
typedef void (*BfyPollFunc) (guint32 events, gpointer user_data);

/* Attaches itself to the thread's main context. */
BfyPoller *bfy_poller_new (void);
BfyPoller *bfy_poller_ref (BfyPoller *self);
void bfy_poller_unref (BfyPoller *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPoller, bfy_poller_unref)

/* Watches for input, room for output and the end of both. NULL when the kernel refuses, with errno.
 * @func is never called from within this call. */
BfyWatch *bfy_poller_watch (BfyPoller *self, int fd, BfyPollFunc func, gpointer user_data);
/* @func is not called any more. To be called before the descriptor is closed. */
void bfy_watch_stop (BfyWatch *self);
