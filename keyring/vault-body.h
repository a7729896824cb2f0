/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/vault-keys.h"

/* The decrypted inside of a vault, laid out as vault-body.c says: data keys and items that are
 * blobs of their own. Private to the vault. */

#define BFY_VAULT_ITEMS_MAX 10000
#define BFY_VAULT_ITEM_ID_BYTES_MAX 255
#define BFY_VAULT_ID_LENGTH_BYTES 2
#define BFY_VAULT_BLOB_BYTES_MAX (BFY_BLOB_PLAIN_BYTES_MAX + BFY_BLOB_OVERHEAD_BYTES)
/* What all of it may take; the rest of the file is left for the header. */
#define BFY_VAULT_BODY_BYTES_MAX (16 * 1024 * 1024 - 64 * 1024)

/* The last change of data keys. */
typedef struct
{
  BfyRotationState state;
  gint64 began_at_s;
  gint64 ended_at_s; /* 0 while it runs */
  guint n_migrated;
  guint n_failed;
} BfyVaultRotation;

typedef struct
{
  GPtrArray *keys; /* (owned) (element-type BfyVaultDataKey) */
  BfyVaultRotation rotation;
  GTree *items; /* (owned) (element-type utf8 GBytes) blobs, sorted by id */
} BfyVaultBody;

/* Without keys and items. */
BfyVaultBody *bfy_vault_body_new (void);
void bfy_vault_body_free (BfyVaultBody *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyVaultBody, bfy_vault_body_free)

/* All in one secret of exactly the right size; BFY_ERROR_STORAGE when a cap is exceeded. */
BfySecret *bfy_vault_body_write (const BfyVaultBody *self,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* BFY_ERROR_VAULT_DAMAGED unless it is exactly what _write makes. Blobs are not looked into.
 * (transfer full) */
BfyVaultBody *bfy_vault_body_read (const BfySecret *bytes,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
