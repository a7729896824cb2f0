/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* Bytes between two connections, both ways, until one of them ends. What one side does not take is
 * not read from the other: each way has one buffer, and nothing is copied besides. */
typedef struct _BfyRelayPump BfyRelayPump;

#define BFY_RELAY_PUMP_BYTES (32 * 1024)

/* @first (transfer full): goes to the client before all else. @ended is called once, and from it or
 * later the pump may be freed. */
BfyRelayPump *bfy_relay_pump_new (GIOStream *client,
                                  GIOStream *server,
                                  GByteArray *first,
                                  void (*ended) (gpointer user_data),
                                  gpointer user_data);
void bfy_relay_pump_free (BfyRelayPump *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRelayPump, bfy_relay_pump_free)

/* From the client. */
guint64 bfy_relay_pump_get_n_up (const BfyRelayPump *self);
guint64 bfy_relay_pump_get_n_down (const BfyRelayPump *self);
