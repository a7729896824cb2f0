/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/keyring.h"

/* The backends of this agent, and the one choice that is made when a binding is created
 * (behaviour 12.10): it is recorded on the binding and never made again. */
#define BFY_TYPE_KEYRINGS (bfy_keyrings_get_type ())
G_DECLARE_FINAL_TYPE (BfyKeyrings, bfy_keyrings, BFY, KEYRINGS, GObject)

#define BFY_KEYRING_AUTO "auto"

/* @vault_dir: where the vault lies. @preferred: "auto" or a backend's name, and @collection
 * (nullable) that of the Secret Service, from settings. */
BfyKeyrings *
bfy_keyrings_new (const char *vault_dir, const char *preferred, const char *collection);

/* Borrowed. BFY_ERROR_KEYRING_UNAVAILABLE for a name this build does not have. */
BfyKeyring *
bfy_keyrings_find (BfyKeyrings *self, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer none) (element-type BfyKeyring) */
GPtrArray *bfy_keyrings_list (BfyKeyrings *self);
/* bfy_keyring_forget() on each. */
void bfy_keyrings_forget (BfyKeyrings *self);
const char *bfy_keyrings_get_preferred (BfyKeyrings *self);

/* For a new binding. @wanted: a name, "auto", or NULL for the preferred one. "auto" is the Secret
 * Service if one answers on the session bus, locked or not, else the vault. (transfer full) */
void bfy_keyrings_choose_async (BfyKeyrings *self,
                                const char *wanted,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
BfyKeyring *bfy_keyrings_choose_finish (BfyKeyrings *self,
                                        GAsyncResult *result,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
