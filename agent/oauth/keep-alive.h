/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* initialize, notifications/initialized, tools/list with the binding's credential, and the session
 * closed again (behaviour 8.4): what `bindify test` does and what keeps sessions alive that die
 * unused. The requests go the way of a client's, so refresh, injection, caps and deadlines are the
 * same; they are no use that counts. Works for every kind of binding. */
typedef struct
{
  guint status;   /* HTTP, of the request that decided; 0 for a local command */
  gint64 n_tools; /* -1 when not told */
  char *server;   /* (owned) (nullable) its name, one clean line */
  char *version;  /* (owned) (nullable) of MCP, agreed on */
} BfyAlive;

void bfy_alive_free (BfyAlive *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyAlive, bfy_alive_free)

/* @asked_by (nullable): whom the event names. Nobody is asked to unlock a keyring.
 *
 * BFY_ERROR_NEEDS_LOGIN after 401 and 403, else BFY_ERROR_UPSTREAM_FAILED, _TIMEOUT and what the
 * keyring says. Writes the event, and keeps the binding's state. */
void bfy_keep_alive_async (BfyAgent *agent,
                           BfyBinding *binding,
                           BfyRequest *asked_by,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
BfyAlive *bfy_keep_alive_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
