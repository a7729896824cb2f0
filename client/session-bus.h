/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "client/cli.h"

/* The session's bus for a command, with all of its calls within one time; else the bus of the
 * user's systemd, which is where the session's programs are when a terminal does not know of it.
 * Used on the stack: g_auto (BfySessionBus) bus = { 0 }. */
typedef struct
{
  BfyCli *cli;               /* borrowed */
  GDBusConnection *bus;      /* (owned) (nullable) while there is none */
  GCancellable *cancellable; /* (owned) of the cli's Ctrl-C and of the time that is left */
  gulong cancel_id;
  guint timer_id;
} BfySessionBus;

/* FALSE: there is no bus, or it does not answer. */
gboolean bfy_session_bus_open (BfySessionBus *self, BfyCli *cli, guint patience_ms);
/* Whom to ask for what, and the type of the answer, which is checked. */
typedef struct
{
  const char *name, *path, *interface, *method, *type;
} BfyBusCall;

/* @parameters: (nullable) consumed. The program is started, if the bus knows how. */
GVariant *bfy_session_bus_call (BfySessionBus *self,
                                const BfyBusCall *call,
                                GVariant *parameters,
                                GError **error);
/* (nullable) The same, but nothing is started for it. */
GVariant *bfy_session_bus_ask (BfySessionBus *self, const BfyBusCall *call, GVariant *parameters);
gboolean bfy_session_bus_has_owner (BfySessionBus *self, const char *name);
void bfy_session_bus_clear (BfySessionBus *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfySessionBus, bfy_session_bus_clear)
