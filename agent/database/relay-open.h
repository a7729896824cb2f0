/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/database.h"

/* A connection to a binding's PostgreSQL server with TLS on it, whose certificate has been
 * verified, before anything is said. (transfer full) It goes where the network policy lets it, and
 * nowhere else. BFY_ERROR_DENIED, BFY_ERROR_UPSTREAM_FAILED, BFY_ERROR_CANCELLED. */
void bfy_relay_open_async (const BfyBinding *binding,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
GIOStream *bfy_relay_open_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
