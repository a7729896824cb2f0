/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* Tells when a socket may have appeared at a path, so that nobody has to try again and again. The
 * folders on the way to it may be missing, come and go: the deepest one that exists is watched. */
typedef struct _BfySocketWatch BfySocketWatch;
typedef void (*BfySocketWatchFunc) (gpointer user_data);

/* @func: from the main context, never from within a call of this one. */
BfySocketWatch *
bfy_socket_watch_new (const char *path, BfySocketWatchFunc func, gpointer user_data);
void bfy_socket_watch_free (BfySocketWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySocketWatch, bfy_socket_watch_free)
