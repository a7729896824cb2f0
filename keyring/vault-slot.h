/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/vault.h"
#include "protocol/cipher.h"

/* A key slot: the vault key, wrapped by AES-256-GCM under a key that one person or machine can
 * derive. Private to the vault. On disk BFY_VAULT_SLOT_BYTES, numbers big-endian:
 *
 *   offset  bytes
 *        0      1  number, 1 to 8
 *        1      1  kind: 1 key file, 2 passphrase, 3 systemd credential, 4 recovery code
 *        2      1  key derivation: 0 HKDF-SHA256, 1 scrypt
 *        3      3  scrypt's log2 N, r, p; 0 for HKDF
 *        6      2  reserved, 0
 *        8      8  created, seconds since 1970
 *       16     16  salt
 *       32     12  nonce
 *       44     32  vault key, encrypted
 *       76     16  tag
 *
 * The associated data is the format version (2 bytes), the vault's id (16) and the first 32 bytes
 * of the slot: a slot cannot be made cheaper, renamed, or moved to another vault. */

#define BFY_VAULT_ID_BYTES 16
#define BFY_VAULT_KEY_BYTES 32
#define BFY_VAULT_WRAPPED_BYTES (BFY_VAULT_KEY_BYTES + BFY_CIPHER_TAG_BYTES)
#define BFY_VAULT_SLOT_BYTES 92

typedef struct
{
  BfyVaultSlot slot;
  guint8 nonce[BFY_CIPHER_NONCE_BYTES];
  guint8 wrapped[BFY_VAULT_WRAPPED_BYTES];
} BfyVaultSlotRecord;

/* Whether kind and key derivation go together and the cost is within its bounds.
 * BFY_ERROR_INVALID_ARGUMENT; the message is a clause. */
gboolean bfy_vault_slot_check (const BfyVaultSlot *slot, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void bfy_vault_slot_write (const BfyVaultSlotRecord *record, guint8 bytes[BFY_VAULT_SLOT_BYTES]);
/* What is read has passed the check. BFY_ERROR_VAULT_DAMAGED, a clause. */
gboolean bfy_vault_slot_read (const guint8 bytes[BFY_VAULT_SLOT_BYTES],
                              BfyVaultSlotRecord *record,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Fills in nonce and wrapped key; record->slot is set. Both keys have BFY_VAULT_KEY_BYTES. */
gboolean bfy_vault_slot_wrap (BfyVaultSlotRecord *record,
                              const guint8 vault_id[BFY_VAULT_ID_BYTES],
                              const BfySecret *slot_key,
                              const BfySecret *vault_key,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The vault key. BFY_ERROR_DENIED when the slot key does not fit. */
BfySecret *bfy_vault_slot_unwrap (const BfyVaultSlotRecord *record,
                                  const guint8 vault_id[BFY_VAULT_ID_BYTES],
                                  const BfySecret *slot_key,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
