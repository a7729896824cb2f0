/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/vault-file.h"

/* Which data keys the items of a vault need. Looks at the blobs' heads only. Private to the vault.
 */
typedef struct
{
  guint n_items[BFY_VAULT_DATA_KEYS_MAX]; /* of each key in the list */
  guint n_orphaned;                       /* items whose key the list lacks … */
  GStrv orphans;      /* (owned) … and the fingerprints of those keys, sorted (behaviour 10.12) */
  guint n_unreadable; /* blobs that name no key at all */
} BfyVaultUsage;

BfyVaultUsage *bfy_vault_usage_new (const BfyVaultFile *file);
void bfy_vault_usage_free (BfyVaultUsage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyVaultUsage, bfy_vault_usage_free)

/* Keys that neither an item nor the next write needs. */
guint bfy_vault_usage_n_unused (const BfyVaultUsage *self, const BfyVaultFile *file);

/* (transfer full) The fingerprints of the list, sorted. */
GStrv bfy_vault_usage_fingerprints (const BfyVaultFile *file);
