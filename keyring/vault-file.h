/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/vault-body.h"
#include "keyring/vault-header.h"

/* A vault that is open, apart from where it lies. Items stay encrypted in memory; one is decrypted
 * when it is asked for. Private to the vault. */
typedef struct
{
  BfyVaultHeader header; /* header.format is that of the bytes it was read from, 0 for a new one */
  BfySecret *key;        /* (owned) the vault key */
  BfyVaultBody *body;    /* (owned) */
} BfyVaultFile;

/* With a new id, vault key and data key; without items and slots. */
BfyVaultFile *bfy_vault_file_new (GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_vault_file_free (BfyVaultFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyVaultFile, bfy_vault_file_free)

/* @header was read from the same bytes. BFY_ERROR_VAULT_DAMAGED when the body was changed or makes
 * no sense, or @key is that of another vault; the messages are clauses. */
BfyVaultFile *bfy_vault_file_open (const guint8 *bytes,
                                   gsize length,
                                   const BfyVaultHeader *header,
                                   BfySecret *key,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Encrypts under the vault key with a fresh nonce; @generation is stored in the header. There is a
 * slot. The result holds no plaintext. BFY_ERROR_STORAGE when a cap is exceeded: what was written
 * can always be read again. */
GBytes *bfy_vault_file_seal (const BfyVaultFile *self,
                             guint64 generation,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

guint bfy_vault_file_n_items (const BfyVaultFile *self);
/* (transfer full) sorted */
GStrv bfy_vault_file_ids (const BfyVaultFile *self);
gboolean bfy_vault_file_has (const BfyVaultFile *self, const char *id);

/* (transfer full) BFY_ERROR_CREDENTIAL_MISSING without such an item, BFY_ERROR_CREDENTIAL_DAMAGED
 * when it cannot be opened; a data key that is missing is named. */
BfySecret *bfy_vault_file_get (const BfyVaultFile *self,
                               const char *id,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Encrypts with the active data key. */
gboolean bfy_vault_file_set (BfyVaultFile *self,
                             const char *id,
                             const BfySecret *secret,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_vault_file_remove (BfyVaultFile *self, const char *id);

/* Wraps the vault key in a slot; a slot of the same number is replaced. BFY_ERROR_INVALID_ARGUMENT
 * when kind and key derivation do not go together. */
gboolean bfy_vault_file_set_slot (BfyVaultFile *self,
                                  const BfyVaultSlot *slot,
                                  const BfySecret *slot_key,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
