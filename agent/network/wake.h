/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "protocol/mac.h"

/* Wake-on-LAN: what a sleeping network card waits for, sent to everybody in each network that this
 * machine is in. Nobody answers that. A packet may get lost, so there are several. */
#define BFY_WAKE_PORT 9
#define BFY_WAKE_ROUNDS 3
#define BFY_WAKE_PAUSE_MS 100

void bfy_wake_async (const BfyMac *mac,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data);
/* In how many networks it was said; BFY_ERROR_UPSTREAM_FAILED instead of 0. */
guint bfy_wake_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
