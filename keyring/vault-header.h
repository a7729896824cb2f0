/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/vault-slot.h"

/* What of a vault's bytes can be read and checked without any key. Private to the vault. The layout
 * is written down in vault-header.c. */

#define BFY_VAULT_FORMAT 2
#define BFY_VAULT_FILE_BYTES_MAX (16 * 1024 * 1024)
#define BFY_VAULT_DIGEST_BYTES 32
/* Enough of a file of any format for bfy_vault_header_peek_generation(). */
#define BFY_VAULT_PEEK_BYTES 24

/* Format 1 has no id and no slots. */
typedef struct
{
  guint format;
  guint64 generation;
  guint8 id[BFY_VAULT_ID_BYTES];
  guint8 nonce[BFY_CIPHER_NONCE_BYTES];
  BfyVaultSlotRecord slots[BFY_VAULT_SLOTS_MAX]; /* sorted by number */
  guint n_slots;
} BfyVaultHeader;

/* Format 2, with its digest. */
gsize bfy_vault_header_length (const BfyVaultHeader *header);
void bfy_vault_header_write (const BfyVaultHeader *header, guint8 *bytes);
/* Writes the digest of the @length bytes in front of it to where they end. */
void bfy_vault_header_write_trailer (guint8 *bytes, gsize length);

/* Before the file is read. BFY_ERROR_VAULT_DAMAGED, a clause. */
gboolean bfy_vault_header_check_length (guint64 length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The whole file: everything that a checksum can tell. BFY_ERROR_VAULT_DAMAGED for truncation, any
 * flipped bit and slots that make no sense; BFY_ERROR_UNSUPPORTED for an older or newer format. The
 * messages are clauses, “it is cut short”, for the caller who knows the path. */
gboolean bfy_vault_header_read (const guint8 *bytes,
                                gsize length,
                                BfyVaultHeader *header,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The generation that the header claims, not checked: good for noticing that a file is not the one
 * that was read before. FALSE when these bytes do not begin a vault. */
gboolean bfy_vault_header_peek_generation (const guint8 *bytes, gsize length, guint64 *generation);

/* Borrowed; NULL when there is none. */
BfyVaultSlotRecord *bfy_vault_header_find (BfyVaultHeader *header, guint number);
const BfyVaultSlotRecord *bfy_vault_header_find_kind (const BfyVaultHeader *header,
                                                      BfyVaultSlotKind kind);
/* The smallest number that no slot has, 0 when all are taken. */
guint bfy_vault_header_free_number (const BfyVaultHeader *header);
/* There is room for it, and no slot of its number. */
void bfy_vault_header_insert (BfyVaultHeader *header, const BfyVaultSlotRecord *record);
void bfy_vault_header_remove (BfyVaultHeader *header, guint number);
