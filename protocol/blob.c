/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/blob.h"

#include <openssl/sha.h>
#include <string.h>

#include "protocol/cipher.h"
#include "protocol/error.h"

#define VERSION 1
#define NONCE_OFFSET (1 + BFY_BLOB_KEY_ID_BYTES)
#define L0_LENGTH_MIN ((BFY_CIPHER_NONCE_BYTES + BFY_CIPHER_TAG_BYTES + 2) / 3 * 4)
#define SEALED_OFFSET (NONCE_OFFSET + BFY_CIPHER_NONCE_BYTES)

G_STATIC_ASSERT (BFY_BLOB_KEY_BYTES == BFY_CIPHER_KEY_BYTES);
G_STATIC_ASSERT (BFY_BLOB_OVERHEAD_BYTES == SEALED_OFFSET + BFY_CIPHER_TAG_BYTES);

BfySecret *
bfy_blob_make_key (GError **error)
{
  return bfy_cipher_random_secret (BFY_BLOB_KEY_BYTES, error);
}

gboolean
bfy_blob_make_key_id (const BfySecret *key, guint8 key_id[BFY_BLOB_KEY_ID_BYTES], GError **error)
{
  static const char digits[] = "0123456789abcdef";
  gsize length;
  const guint8 *bytes = bfy_secret_peek (key, &length);
  guint8 *text;
  g_autoptr (BfySecret) hex G_GNUC_UNUSED = bfy_secret_new_blank (2 * length, &text);
  guint8 digest[SHA256_DIGEST_LENGTH];

  for (gsize i = 0; i < length; i++)
    {
      text[2 * i] = (guint8) digits[bytes[i] >> 4];
      text[2 * i + 1] = (guint8) digits[bytes[i] & 0xf];
    }
  if (SHA256 (text, 2 * length, digest) == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED, "the cryptographic library failed");
      return FALSE;
    }

  memcpy (key_id, digest, BFY_BLOB_KEY_ID_BYTES);
  bfy_wipe (digest, sizeof digest);

  return TRUE;
}

void
bfy_blob_key_id_to_text (const guint8 key_id[BFY_BLOB_KEY_ID_BYTES],
                         char fingerprint[BFY_BLOB_FINGERPRINT_SIZE])
{
  for (guint i = 0; i < BFY_BLOB_KEY_ID_BYTES; i++)
    g_snprintf (fingerprint + 2 * (gsize) i, 3, "%02x", key_id[i]);
}

BfySecret *
bfy_blob_derive (const BfySecret *input, const char *salt, const char *info, GError **error)
{
  return bfy_cipher_hkdf (input, salt, strlen (salt), info, error);
}

/* (transfer full) Version, key id, record id, 0, purpose. */
static GByteArray *
make_associated (const BfyBlobUse *use, const guint8 key_id[BFY_BLOB_KEY_ID_BYTES])
{
  static const guint8 version = VERSION;
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, &version, 1);
  g_byte_array_append (bytes, key_id, BFY_BLOB_KEY_ID_BYTES);
  g_byte_array_append (bytes, (const guint8 *) use->id, (guint) strlen (use->id) + 1);
  g_byte_array_append (bytes, (const guint8 *) use->purpose, (guint) strlen (use->purpose));

  return bytes;
}

static gboolean
check_length (const BfySecret *plain, GError **error)
{
  if (bfy_secret_length (plain) <= BFY_BLOB_PLAIN_BYTES_MAX)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_TOO_LARGE, "it has more than %d bytes",
               BFY_BLOB_PLAIN_BYTES_MAX);

  return FALSE;
}

GBytes *
bfy_blob_seal (const BfySecret *key, const BfyBlobUse *use, const BfySecret *plain, GError **error)
{
  gsize length = BFY_BLOB_OVERHEAD_BYTES + bfy_secret_length (plain);
  g_autofree guint8 *blob = NULL;
  g_autoptr (BfySecret) derived = NULL;
  g_autoptr (GByteArray) associated = NULL;
  BfyCipherAssociated public;

  if (!check_length (plain, error))
    return NULL;
  derived = bfy_blob_derive (key, use->id, use->info, error);
  if (derived == NULL)
    return NULL;

  blob = g_malloc (length);
  blob[0] = VERSION;
  if (!bfy_blob_make_key_id (key, blob + 1, error) ||
      !bfy_cipher_random (blob + NONCE_OFFSET, BFY_CIPHER_NONCE_BYTES, error))
    return NULL;

  associated = make_associated (use, blob + 1);
  public = (BfyCipherAssociated){ associated->data, associated->len, blob + NONCE_OFFSET };
  if (!bfy_cipher_seal (derived, &public, plain, blob + SEALED_OFFSET, error))
    return NULL;

  return g_bytes_new_take (g_steal_pointer (&blob), length);
}

static gboolean
fail_damaged (const char *clause, GError **error)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED, clause);

  return FALSE;
}

gboolean
bfy_blob_peek_key_id (const guint8 *blob, gsize length, guint8 key_id[BFY_BLOB_KEY_ID_BYTES])
{
  if (length < BFY_BLOB_OVERHEAD_BYTES || blob[0] != VERSION)
    return FALSE;

  memcpy (key_id, blob + 1, BFY_BLOB_KEY_ID_BYTES);

  return TRUE;
}

static gboolean
check_shape (const guint8 *blob, gsize length, GError **error)
{
  if (length > 0 && blob[0] != VERSION)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                   "it has version %u; this bindify knows version %d", blob[0], VERSION);
      return FALSE;
    }
  if (length < BFY_BLOB_OVERHEAD_BYTES)
    return fail_damaged ("it is cut short", error);
  if (length - BFY_BLOB_OVERHEAD_BYTES > BFY_BLOB_PLAIN_BYTES_MAX)
    return fail_damaged ("it is longer than it can be", error);

  return TRUE;
}

/* The key is told apart before anything is decrypted: a record of another key is not damage. */
static gboolean
check_key (const BfySecret *key, const guint8 *blob, GError **error)
{
  guint8 key_id[BFY_BLOB_KEY_ID_BYTES];
  char wanted[BFY_BLOB_FINGERPRINT_SIZE], given[BFY_BLOB_FINGERPRINT_SIZE];

  if (!bfy_blob_make_key_id (key, key_id, error))
    return FALSE;
  if (memcmp (key_id, blob + 1, sizeof key_id) == 0)
    return TRUE;

  bfy_blob_key_id_to_text (blob + 1, wanted);
  bfy_blob_key_id_to_text (key_id, given);
  g_set_error (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
               "it was encrypted with the key %s, not with %s", wanted, given);

  return FALSE;
}

BfySecret *
bfy_blob_open (
    const BfySecret *key, const BfyBlobUse *use, const guint8 *blob, gsize length, GError **error)
{
  g_autoptr (BfySecret) derived = NULL;
  g_autoptr (GByteArray) associated = NULL;
  BfyCipherAssociated public;

  if (!check_shape (blob, length, error) || !check_key (key, blob, error))
    return NULL;
  derived = bfy_blob_derive (key, use->id, use->info, error);
  if (derived == NULL)
    return NULL;

  associated = make_associated (use, blob + 1);
  public = (BfyCipherAssociated){ associated->data, associated->len, blob + NONCE_OFFSET };

  return bfy_cipher_open (derived, &public, blob + SEALED_OFFSET, length - SEALED_OFFSET, error);
}

/* g_base64_decode() passes over what it does not know: only what it would have written counts. */
static guint8 *
decode_strictly (const char *base64, gsize length, gsize *n_bytes)
{
  g_autofree char *text = g_strndup (base64, length);
  g_autofree guint8 *bytes = g_base64_decode (text, n_bytes);
  g_autofree char *again = g_base64_encode (bytes, *n_bytes);

  if (strlen (again) != length || memcmp (again, base64, length) != 0)
    return NULL;

  return g_steal_pointer (&bytes);
}

BfySecret *
bfy_blob_open_l0 (const BfySecret *key, const char *base64, gsize length, GError **error)
{
  g_autofree guint8 *bytes = NULL;
  BfyCipherAssociated public = { NULL, 0, NULL };
  gsize n_bytes;

  if (length > 2 * (gsize) BFY_BLOB_PLAIN_BYTES_MAX)
    {
      fail_damaged ("it is longer than it can be", error);
      return NULL;
    }
  if (length < L0_LENGTH_MIN)
    {
      fail_damaged ("it is cut short", error);
      return NULL;
    }
  bytes = decode_strictly (base64, length, &n_bytes);
  if (bytes == NULL)
    {
      fail_damaged ("it is not base64", error);
      return NULL;
    }
  public.nonce = bytes;

  return bfy_cipher_open (key, &public, bytes + BFY_CIPHER_NONCE_BYTES,
                          n_bytes - BFY_CIPHER_NONCE_BYTES, error);
}
