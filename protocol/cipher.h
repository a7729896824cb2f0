/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* AES-256-GCM, key derivation and random numbers as bindify uses them: the one place that calls the
 * library for blobs (blob.h) and vaults. Lengths are far below INT_MAX, the caller has capped them.
 * BFY_ERROR_FAILED when the library fails. */

#define BFY_CIPHER_KEY_BYTES 32
#define BFY_CIPHER_NONCE_BYTES 12
#define BFY_CIPHER_TAG_BYTES 16

/* Public text that goes into the tag, and the nonce. */
typedef struct
{
  const guint8 *bytes;
  gsize length;
  const guint8 *nonce;
} BfyCipherAssociated;

gboolean bfy_cipher_random (guint8 *bytes, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
BfySecret *bfy_cipher_random_secret (gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* HKDF-SHA256 to BFY_CIPHER_KEY_BYTES. @salt may be NULL with length 0, @info empty; @input may
 * not.
 */
BfySecret *bfy_cipher_hkdf (const BfySecret *input,
                            gconstpointer salt,
                            gsize salt_length,
                            const char *info,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes the length of @plain and BFY_CIPHER_TAG_BYTES more to @out. */
gboolean bfy_cipher_seal (const BfySecret *key,
                          const BfyCipherAssociated *associated,
                          const BfySecret *plain,
                          guint8 *out,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @length counts the tag. BFY_ERROR_CREDENTIAL_DAMAGED when the tag does not fit. */
BfySecret *bfy_cipher_open (const BfySecret *key,
                            const BfyCipherAssociated *associated,
                            const guint8 *sealed,
                            gsize length,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
