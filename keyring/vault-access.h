/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/vault-disk.h"
#include "keyring/vault-file.h"

/* What opens a vault without asking anybody: the key of the vault that is open already, the key
 * file, the systemd credential. Private to the vault. */
typedef struct
{
  char *directory;       /* (owned) of the vault */
  char *key_file;        /* (owned) (nullable) path of a key file elsewhere */
  BfySecret *credential; /* (owned) (nullable) from systemd */
  BfySecret *vault_key;  /* (owned) (nullable) of the vault that was opened last … */
  guint8 vault_id[BFY_VAULT_ID_BYTES]; /* … with this id */
} BfyVaultAccess;

BfyVaultAccess *bfy_vault_access_new (const char *directory);
void bfy_vault_access_free (BfyVaultAccess *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyVaultAccess, bfy_vault_access_free)

/* (transfer full) BFY_ERROR_LOCKED when somebody has to be asked, BFY_ERROR_VAULT_DAMAGED when no
 * answer could help, and whatever is wrong with the key file's path. Format 1 comes out as format 2
 * that has not been written yet. Nothing is remembered. */
BfyVaultFile *bfy_vault_access_open (const BfyVaultAccess *self,
                                     const BfyVaultImage *image,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* With the key of one slot. BFY_ERROR_NOT_FOUND without such a slot, BFY_ERROR_DENIED when it does
 * not fit. */
BfyVaultFile *bfy_vault_access_open_slot (const BfyVaultImage *image,
                                          guint slot,
                                          const BfySecret *slot_key,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The vault key stays until _forget, so that a vault that is written by another process opens
 * again.
 */
void bfy_vault_access_remember (BfyVaultAccess *self, const BfyVaultFile *file);
void bfy_vault_access_forget (BfyVaultAccess *self);

/* What kind @kind of slot key is to be had without asking, for @kdf. @may_make: a key file that is
 * missing is made, with the lock held. G_IO_ERROR_NOT_FOUND, BFY_ERROR_VAULT_DAMAGED for a key file
 * that does not have its bytes, BFY_ERROR_INVALID_ARGUMENT for the other kinds. */
BfySecret *bfy_vault_access_derive (const BfyVaultAccess *self,
                                    BfyVaultSlotKind kind,
                                    const BfyKdf *kdf,
                                    gboolean may_make,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes vault.key if it is the key of @record; one elsewhere is not ours to remove. */
gboolean bfy_vault_access_remove_key_file (const BfyVaultAccess *self,
                                           const BfyVaultFile *file,
                                           const BfyVaultSlotRecord *record,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
