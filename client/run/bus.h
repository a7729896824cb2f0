/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* The part of the session bus that a run may see, for as long as it goes on: xdg-dbus-proxy beside
 * the sandbox, which lets calls for notifications through and nothing else. It is told by method
 * and path and not by name, because who shows notifications is often the whole desktop. */
typedef struct _BfyRunBus BfyRunBus;

/* Starts @program and waits until it listens. It ends with this process, however that ends.
 * @address: of the session bus. BFY_ERROR_FAILED. */
BfyRunBus *bfy_run_bus_start (const char *program,
                              const char *address,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_run_bus_free (BfyRunBus *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRunBus, bfy_run_bus_free)

/* Its socket. Borrowed. */
const char *bfy_run_bus_get_socket (BfyRunBus *self);
