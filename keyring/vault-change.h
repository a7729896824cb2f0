/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/vault-access.h"

/* What the changes of vault.h do to a vault in memory. Private to the vault. */

/* Owns what the public struct borrows. */
typedef struct
{
  BfyVaultChange change;
  char *fingerprint; /* (owned) (nullable) */
  GStrv expected;    /* (owned) (nullable) */
} BfyVaultChangeCopy;

BfyVaultChangeCopy *bfy_vault_change_copy (const BfyVaultChange *change);
void bfy_vault_change_copy_free (BfyVaultChangeCopy *self);

/* INIT and the first store: a vault with one slot, not yet written. */
BfyVaultFile *bfy_vault_change_init (const BfyVaultAccess *access,
                                     const BfyVaultChange *change,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ADD_SLOT, REPLACE_SLOT, REMOVE_SLOT, REMOVE_KEY. @slot gets the number of a slot that was made or
 * replaced. @removed gets the record of one that was removed. With the lock held: a key file may be
 * made. */
gboolean bfy_vault_change_apply (BfyVaultFile *file,
                                 const BfyVaultAccess *access,
                                 const BfyVaultChange *change,
                                 guint *slot,
                                 BfyVaultSlotRecord *removed,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* RESTORE: the vault to be written in the place of the present one, which @directory holds. A
 * present one that is damaged is kept aside. */
BfyVaultFile *bfy_vault_change_restore (BfySafeDirectory *directory,
                                        const BfyVaultAccess *access,
                                        const BfyVaultChange *change,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
