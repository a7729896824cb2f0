/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/cipher.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <string.h>

#include "protocol/error.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_KDF, EVP_KDF_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_KDF_CTX, EVP_KDF_CTX_free)

static gboolean
fail (GError **error)
{
  ERR_clear_error ();
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED, "the cryptographic library failed");

  return FALSE;
}

gboolean
bfy_cipher_random (guint8 *bytes, gsize length, GError **error)
{
  if (RAND_bytes (bytes, (int) length) == 1)
    return TRUE;

  ERR_clear_error ();
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED, "no random numbers are to be had");

  return FALSE;
}

BfySecret *
bfy_cipher_random_secret (gsize length, GError **error)
{
  guint8 *bytes;
  g_autoptr (BfySecret) secret = bfy_secret_new_blank (length, &bytes);

  return bfy_cipher_random (bytes, length, error) ? g_steal_pointer (&secret) : NULL;
}

/* The library does not write to what the parameters point to. */
BfySecret *
bfy_cipher_hkdf (
    const BfySecret *input, gconstpointer salt, gsize salt_length, const char *info, GError **error)
{
  g_autoptr (EVP_KDF) kdf = EVP_KDF_fetch (NULL, OSSL_KDF_NAME_HKDF, NULL);
  g_autoptr (EVP_KDF_CTX) context = kdf != NULL ? EVP_KDF_CTX_new (kdf) : NULL;
  gsize input_length;
  const guint8 *input_bytes = bfy_secret_peek (input, &input_length);
  const OSSL_PARAM parameters[] = {
    OSSL_PARAM_construct_utf8_string (OSSL_KDF_PARAM_DIGEST, (char *) "SHA256", 0),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_KEY, (void *) input_bytes, input_length),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_SALT, (void *) salt, salt_length),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_INFO, (void *) info, strlen (info)),
    OSSL_PARAM_construct_end (),
  };
  guint8 *bytes;
  g_autoptr (BfySecret) key = bfy_secret_new_blank (BFY_CIPHER_KEY_BYTES, &bytes);

  if (context == NULL || EVP_KDF_derive (context, bytes, BFY_CIPHER_KEY_BYTES, parameters) != 1)
    {
      fail (error);
      return NULL;
    }

  return g_steal_pointer (&key);
}

/* A context in either direction that has taken in key, nonce and associated data. */
static EVP_CIPHER_CTX *
start (const BfySecret *key, const BfyCipherAssociated *associated, gboolean encrypt)
{
  g_autoptr (EVP_CIPHER_CTX) context = EVP_CIPHER_CTX_new ();
  const guint8 *key_bytes = bfy_secret_peek (key, NULL);
  int n_done;

  g_return_val_if_fail (bfy_secret_length (key) == BFY_CIPHER_KEY_BYTES, NULL);

  if (context == NULL ||
      EVP_CipherInit_ex (context, EVP_aes_256_gcm (), NULL, key_bytes, associated->nonce,
                         encrypt) != 1 ||
      EVP_CipherUpdate (context, NULL, &n_done, associated->bytes, (int) associated->length) != 1)
    return NULL;

  return g_steal_pointer (&context);
}

gboolean
bfy_cipher_seal (const BfySecret *key,
                 const BfyCipherAssociated *associated,
                 const BfySecret *plain,
                 guint8 *out,
                 GError **error)
{
  g_autoptr (EVP_CIPHER_CTX) context = start (key, associated, TRUE);
  gsize length;
  const guint8 *bytes = bfy_secret_peek (plain, &length);
  guint8 *tag = out + length;
  int n_done;

  if (context == NULL || EVP_CipherUpdate (context, out, &n_done, bytes, (int) length) != 1 ||
      EVP_CipherFinal_ex (context, tag, &n_done) != 1 ||
      EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_GET_TAG, BFY_CIPHER_TAG_BYTES, tag) != 1)
    return fail (error);

  return TRUE;
}

BfySecret *
bfy_cipher_open (const BfySecret *key,
                 const BfyCipherAssociated *associated,
                 const guint8 *sealed,
                 gsize length,
                 GError **error)
{
  g_autoptr (EVP_CIPHER_CTX) context = start (key, associated, FALSE);
  g_autoptr (BfySecret) plain = NULL;
  guint8 tag[BFY_CIPHER_TAG_BYTES];
  gsize plain_length = length - BFY_CIPHER_TAG_BYTES;
  guint8 *bytes;
  int n_done;

  g_return_val_if_fail (length >= BFY_CIPHER_TAG_BYTES, NULL);

  memcpy (tag, sealed + plain_length, sizeof tag);
  plain = bfy_secret_new_blank (plain_length, &bytes);
  if (context == NULL ||
      EVP_CipherUpdate (context, bytes, &n_done, sealed, (int) plain_length) != 1 ||
      EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) != 1)
    {
      fail (error);
      return NULL;
    }
  if (EVP_CipherFinal_ex (context, bytes + plain_length, &n_done) != 1)
    {
      ERR_clear_error ();
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
                           "it was changed after it was written");
      return NULL;
    }

  return g_steal_pointer (&plain);
}
