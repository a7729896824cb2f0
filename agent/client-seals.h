/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* What it means to sealed bindings that a client comes or goes: its copy of their data key. */

/* The sealed bindings that @client may use. (element-type BfyBinding) (transfer container) */
GPtrArray *bfy_client_seals_bindings (BfyRegistry *registry, const BfyClient *client);

/* Both (owned) by the caller until the callback. */
typedef struct
{
  BfyClient *client; /* whose key presents itself, or is new */
  BfySecret *key;    /* 64 bytes */
} BfyKeyHolder;

/* Lets @newcomer open @bindings (element-type BfyBinding), which @opener opens. BFY_ERROR_DENIED
 * when it does not open one of them; then @newcomer opens none. */
void bfy_client_seals_admit_async (BfyAgent *agent,
                                   GPtrArray *bindings,
                                   const BfyKeyHolder *opener,
                                   const BfyKeyHolder *newcomer,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);

/* Takes @client's copies away. All or none: BFY_ERROR_DENIED when nobody else can open one of the
 * bindings, or the keyring's error when that cannot be found out. With @force the credentials that
 * nobody can open any more are removed, and what cannot be reached is left as it is. */
void bfy_client_seals_revoke_async (BfyAgent *agent,
                                    BfyClient *client,
                                    gboolean force,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
/* For both. */
gboolean bfy_client_seals_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
