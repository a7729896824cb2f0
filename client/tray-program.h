/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/session-bus.h"

/* The icon and window as another program, as far as this one has to do with it: it is spoken to
 * over D-Bus (org.freedesktop.Application), and is started when the bus does not do that. */
#define BFY_TRAY_NAME "io.bindify.Tray"
#define BFY_TRAY_PATH "/io/bindify/Tray"
#define BFY_TRAY_UNIT "bindify-tray.service"

/* (nullable) Where it is: beside us, else in the PATH. Free with g_free(). */
char *bfy_tray_program_find (void);
/* Starts it without a window and waits until its name is on the bus. @socket: (nullable) of the
 * agent. BFY_ERROR_FAILED. */
gboolean bfy_tray_program_start (BfySessionBus *bus,
                                 const char *program,
                                 const char *socket,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
