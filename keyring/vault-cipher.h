/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "protocol/secret.h"

/* AES-256-GCM as the vault uses it. Private to the vault. Keys have BFY_VAULT_KEY_BYTES; lengths
 * are far below INT_MAX, the caller has capped them. BFY_ERROR_FAILED when the library fails. */

#define BFY_VAULT_CHECK_BYTES 8
#define BFY_VAULT_NONCE_BYTES 12
#define BFY_VAULT_TAG_BYTES 16

/* Public text that goes into the tag, and the nonce. */
typedef struct
{
  const guint8 *bytes;
  gsize length;
  const guint8 *nonce;
} BfyVaultAssociated;

/* A fingerprint of @key for the header. */
gboolean bfy_vault_cipher_check (const BfySecret *key,
                                 guint8 check[BFY_VAULT_CHECK_BYTES],
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes the length of @plain and BFY_VAULT_TAG_BYTES more to @out. */
gboolean bfy_vault_cipher_seal (const BfySecret *key,
                                const BfyVaultAssociated *associated,
                                const BfySecret *plain,
                                guint8 *out,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @length counts the tag. BFY_ERROR_VAULT_DAMAGED when the tag does not fit. */
BfySecret *bfy_vault_cipher_open (const BfySecret *key,
                                  const BfyVaultAssociated *associated,
                                  const guint8 *sealed,
                                  gsize length,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
