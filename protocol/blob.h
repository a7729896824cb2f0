/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* One encrypted record and the keys it is encrypted with (behaviour 10). All new records are v1:
 *
 *   0x01 ‖ key id (8) ‖ nonce (12) ‖ ciphertext ‖ tag (16)
 *
 * AES-256-GCM; the associated data is 0x01 ‖ key id ‖ record id ‖ 0x00 ‖ purpose, so that a blob
 * cannot be moved to another record or put to another use. The key of a record is HKDF-SHA256 of
 * the raw data key with the record's id as salt; the key id is the fingerprint of the data key. L0
 * is the older form of the hosted proxy, which is only read. */

#define BFY_BLOB_KEY_BYTES 32
#define BFY_BLOB_KEY_ID_BYTES 8
#define BFY_BLOB_OVERHEAD_BYTES (1 + BFY_BLOB_KEY_ID_BYTES + 12 + 16)
/* Longest plaintext, in bytes. */
#define BFY_BLOB_PLAIN_BYTES_MAX (1024 * 1024)
/* A fingerprint as text: 16 hex digits and a NUL. */
#define BFY_BLOB_FINGERPRINT_SIZE (2 * BFY_BLOB_KEY_ID_BYTES + 1)

/* HKDF's info: whose key it is (behaviour 10.2, 10.3). */
#define BFY_BLOB_INFO_MANAGED "bindify-managed-token-encryption"
#define BFY_BLOB_INFO_SEALED "bindify-token-encryption"

/* What a blob is tied to. All three are borrowed and not empty. */
typedef struct
{
  const char *info;    /* BFY_BLOB_INFO_… */
  const char *id;      /* the binding's */
  const char *purpose; /* "token", "dcr", "api_key", "export", "wrap" */
} BfyBlobUse;

/* A new random key of BFY_BLOB_KEY_BYTES; BFY_ERROR_FAILED without random numbers. */
BfySecret *bfy_blob_make_key (GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The first bytes of SHA-256 over the key's lower-case hex text (behaviour 10.5). Keys of any
 * length. BFY_ERROR_FAILED when the library fails. */
gboolean bfy_blob_make_key_id (const BfySecret *key,
                               guint8 key_id[BFY_BLOB_KEY_ID_BYTES],
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The key id as people see it. */
void bfy_blob_key_id_to_text (const guint8 key_id[BFY_BLOB_KEY_ID_BYTES],
                              char fingerprint[BFY_BLOB_FINGERPRINT_SIZE]);

/* HKDF-SHA256 to BFY_BLOB_KEY_BYTES; @salt and @info are UTF-8 text and may be empty. */
BfySecret *bfy_blob_derive (const BfySecret *input,
                            const char *salt,
                            const char *info,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full) The blob, which holds no plaintext, under a fresh nonce. @key is the data key of
 * BFY_BLOB_KEY_BYTES, not yet derived. BFY_ERROR_TOO_LARGE beyond BFY_BLOB_PLAIN_BYTES_MAX. */
GBytes *bfy_blob_seal (const BfySecret *key,
                       const BfyBlobUse *use,
                       const BfySecret *plain,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* BFY_ERROR_CREDENTIAL_DAMAGED for a blob that is cut short, changed, of another use or made with
 * another key (the message names both fingerprints); BFY_ERROR_UNSUPPORTED for another version. The
 * messages are clauses, “it is cut short”. */
BfySecret *bfy_blob_open (const BfySecret *key,
                          const BfyBlobUse *use,
                          const guint8 *blob,
                          gsize length,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Which key a blob wants. FALSE when these bytes cannot be a v1 blob: a wrong version or length. */
gboolean
bfy_blob_peek_key_id (const guint8 *blob, gsize length, guint8 key_id[BFY_BLOB_KEY_ID_BYTES]);

/* L0 (behaviour 10.1): base64 of nonce ‖ ciphertext ‖ tag, without associated data. @key is the
 * derived one: bfy_blob_derive (master key's hex text, binding id, BFY_BLOB_INFO_MANAGED) or
 * bfy_blob_derive (secret2's base64url text, "bindify-token-encryption", ""). Errors as of _open.
 */
BfySecret *bfy_blob_open_l0 (const BfySecret *key, const char *base64, gsize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
