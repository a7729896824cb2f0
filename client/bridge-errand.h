/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/bridge-private.h"

/* A message that the bridge sends for itself: of what comes back, the response is kept and nothing
 * reaches the client. Its owner frees it, at the latest when it is done. */
typedef struct _BridgeErrand BridgeErrand;

/* Called once, when the response is there or none can come any more. */
typedef void (*BridgeErrandFunc) (BridgeErrand *errand, gpointer user_data);

/* A POST of @line, to which the caller adds its headers before bridge_errand_start(). */
BridgeErrand *bridge_errand_new (Bridge *self, GBytes *line);
SoupMessage *bridge_errand_get_message (BridgeErrand *errand);
void bridge_errand_start (BridgeErrand *errand, BridgeErrandFunc func, gpointer user_data);
void bridge_errand_free (BridgeErrand *errand);

/* Once done: 0 when nothing came back in time. */
guint bridge_errand_get_status (const BridgeErrand *errand);
/* (nullable) */
const char *bridge_errand_get_session_id (const BridgeErrand *errand);
/* (nullable) The checked response, whatever its id: there is only one it can be. */
const char *bridge_errand_get_response (const BridgeErrand *errand, gsize *length);
