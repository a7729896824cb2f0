/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "protocol/secret.h"

/* The vault's bytes, apart from where they lie. Pure. The layout is written down in vault-file.c;
 * the whole header is associated data, so every bit of the file is authenticated. */

#define BFY_VAULT_KEY_BYTES 32
#define BFY_VAULT_FILE_BYTES_MAX (16 * 1024 * 1024)
#define BFY_VAULT_ITEMS_MAX 10000
#define BFY_VAULT_ID_BYTES_MAX 255
#define BFY_VAULT_SECRET_BYTES_MAX (1024 * 1024)
/* What the items may take; the rest is left for the header and its key slots. */
#define BFY_VAULT_BODY_BYTES_MAX (BFY_VAULT_FILE_BYTES_MAX - 64 * 1024)

/* Enough of the file for bfy_vault_file_peek_generation(). */
#define BFY_VAULT_HEADER_BYTES 48

typedef struct _BfyVaultFile BfyVaultFile;

BfyVaultFile *bfy_vault_file_new (void);
void bfy_vault_file_free (BfyVaultFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyVaultFile, bfy_vault_file_free)

/* Counts up with every write; a second writer is noticed by it. */
guint64 bfy_vault_file_get_generation (const BfyVaultFile *self);
guint bfy_vault_file_n_items (const BfyVaultFile *self);
/* Borrowed, NULL when absent. */
BfySecret *bfy_vault_file_get (const BfyVaultFile *self, const char *id);
void bfy_vault_file_set (BfyVaultFile *self, const char *id, BfySecret *secret);
gboolean bfy_vault_file_remove (BfyVaultFile *self, const char *id);
/* (transfer full) sorted */
GStrv bfy_vault_file_ids (const BfyVaultFile *self);
BfyVaultFile *bfy_vault_file_copy (const BfyVaultFile *self);

/* The generation that the header claims, not authenticated: good for noticing that a file is not
 * the one that was read before. FALSE when these bytes do not begin a vault. */
gboolean bfy_vault_file_peek_generation (const guint8 *bytes, gsize length, guint64 *generation);

/* Encrypts under @key (BFY_VAULT_KEY_BYTES) with a fresh nonce; @generation is stored in the
 * header. The result holds no plaintext. BFY_ERROR_STORAGE when a cap above is exceeded: what was
 * written can always be read again. */
GBytes *bfy_vault_file_seal (const BfyVaultFile *self,
                             const BfySecret *key,
                             guint64 generation,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* BFY_ERROR_VAULT_DAMAGED for truncation, any flipped bit, a key that does not fit (told apart by
 * the message); BFY_ERROR_UNSUPPORTED for an older or newer format version. The messages are
 * clauses, "it is cut short", for the caller who knows the path. */
BfyVaultFile *bfy_vault_file_open (const guint8 *bytes,
                                   gsize length,
                                   const BfySecret *key,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
