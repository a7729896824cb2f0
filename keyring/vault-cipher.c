/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/vault-cipher.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "keyring/vault-file.h"
#include "protocol/error.h"

#define CHECK_LABEL "bindify vault key check 1"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD_CTX, EVP_MD_CTX_free)

static gboolean
fail (GError **error)
{
  ERR_clear_error ();
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED, "the cryptographic library failed");

  return FALSE;
}

gboolean
bfy_vault_cipher_check (const BfySecret *key, guint8 check[BFY_VAULT_CHECK_BYTES], GError **error)
{
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  guint8 digest[EVP_MAX_MD_SIZE];

  if (context == NULL || EVP_DigestInit_ex (context, EVP_sha256 (), NULL) != 1 ||
      EVP_DigestUpdate (context, CHECK_LABEL, strlen (CHECK_LABEL)) != 1 ||
      EVP_DigestUpdate (context, bfy_secret_peek (key, NULL), BFY_VAULT_KEY_BYTES) != 1 ||
      EVP_DigestFinal_ex (context, digest, NULL) != 1)
    return fail (error);

  memcpy (check, digest, BFY_VAULT_CHECK_BYTES);
  bfy_wipe (digest, sizeof digest);

  return TRUE;
}

/* A context in either direction that has taken in key, nonce and associated data. */
static EVP_CIPHER_CTX *
start (const BfySecret *key, const BfyVaultAssociated *associated, gboolean encrypt)
{
  g_autoptr (EVP_CIPHER_CTX) context = EVP_CIPHER_CTX_new ();
  const guint8 *key_bytes = bfy_secret_peek (key, NULL);
  int n_done;

  if (context == NULL ||
      EVP_CipherInit_ex (context, EVP_aes_256_gcm (), NULL, key_bytes, associated->nonce,
                         encrypt) != 1 ||
      EVP_CipherUpdate (context, NULL, &n_done, associated->bytes, (int) associated->length) != 1)
    return NULL;

  return g_steal_pointer (&context);
}

gboolean
bfy_vault_cipher_seal (const BfySecret *key,
                       const BfyVaultAssociated *associated,
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
      EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_GET_TAG, BFY_VAULT_TAG_BYTES, tag) != 1)
    return fail (error);

  return TRUE;
}

BfySecret *
bfy_vault_cipher_open (const BfySecret *key,
                       const BfyVaultAssociated *associated,
                       const guint8 *sealed,
                       gsize length,
                       GError **error)
{
  g_autoptr (EVP_CIPHER_CTX) context = start (key, associated, FALSE);
  g_autoptr (BfySecret) plain = NULL;
  guint8 tag[BFY_VAULT_TAG_BYTES];
  gsize plain_length = length - BFY_VAULT_TAG_BYTES;
  guint8 *bytes;
  int n_done;

  g_return_val_if_fail (length >= BFY_VAULT_TAG_BYTES, NULL);

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
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED,
                           "it was changed after it was written");
      return NULL;
    }

  return g_steal_pointer (&plain);
}
