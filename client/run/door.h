/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* The door of one run: a socket that listens in the sandbox's network, and is only there. What
 * connects to it is led to the agent's TCP door, byte by byte: there a client key is asked for, and
 * the control API is not served. */
typedef struct _BfyRunDoor BfyRunDoor;

/* @listener: a listening socket, which is taken. @port: of the agent. */
BfyRunDoor *bfy_run_door_new (int listener, guint16 port, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Closes it and all that goes through it. */
void bfy_run_door_free (BfyRunDoor *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRunDoor, bfy_run_door_free)
