/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/vault.h"
#include "protocol/blob.h"

/* The data keys, which encrypt the items: a list whose last one is active (behaviour 10.6, 10.7).
 * Private to the vault. */
typedef struct
{
  BfySecret *key; /* (owned) of BFY_BLOB_KEY_BYTES */
  guint8 id[BFY_BLOB_KEY_ID_BYTES];
} BfyVaultDataKey;

/* (transfer container) (element-type BfyVaultDataKey) which frees its elements. */
GPtrArray *bfy_vault_keys_new (void);

/* Appends, which makes it the active one. BFY_ERROR_STORAGE when the list is full, BFY_ERROR_EXISTS
 * for a key that is there. */
gboolean
bfy_vault_keys_add (GPtrArray *keys, BfySecret *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_vault_keys_add_random (GPtrArray *keys, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Borrowed. */
const BfyVaultDataKey *bfy_vault_keys_active (GPtrArray *keys);
/* Borrowed; NULL when the list lacks it. */
const BfyVaultDataKey *bfy_vault_keys_find (GPtrArray *keys,
                                            const guint8 id[BFY_BLOB_KEY_ID_BYTES]);
