/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "agent/poller.h"

/* Bytes between two connections, both ways, until one of them ends. What one side does not take is
 * not read from the other: each way has one buffer, and nothing is copied besides. */
typedef struct _BfyRelayPump BfyRelayPump;

#define BFY_RELAY_PUMP_BYTES (32 * 1024)

/* All of it is referenced. */
typedef struct
{
  BfyPoller *poller;
  GIOStream *client;
  GIOStream *server;
  GByteArray *first; /* goes to the client before all else */
} BfyRelayPumpSetup;

/* @ended is called once, and from it or later the pump may be freed. */
BfyRelayPump *bfy_relay_pump_new (const BfyRelayPumpSetup *setup,
                                  void (*ended) (gpointer user_data),
                                  gpointer user_data);
/* Nothing is read or written any more; to be called before one of the connections is closed. */
void bfy_relay_pump_end (BfyRelayPump *self);
void bfy_relay_pump_free (BfyRelayPump *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRelayPump, bfy_relay_pump_free)

/* From the client. */
guint64 bfy_relay_pump_get_n_up (const BfyRelayPump *self);
guint64 bfy_relay_pump_get_n_down (const BfyRelayPump *self);
