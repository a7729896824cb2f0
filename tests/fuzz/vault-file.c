/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The input is taken twice: as the bytes of a vault, where all that is not sealed with the key is
 * refused; and as the inside of one that somebody with the key has sealed, which is how the fuzzer
 * gets past the encryption. What is opened is sealed again and opens to the same. */

#include "keyring/vault-file.h"

#include <string.h>

#include "keyring/vault-cipher.h"
#include "protocol/error.h"
#include "tests/fuzz/fuzz.h"

#define KEY "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk" /* of the seeds, too */
#define NONCE_OFFSET 32

static void
compare (const BfyVaultFile *file, const BfyVaultFile *back)
{
  g_auto (GStrv) ids = bfy_vault_file_ids (file);

  g_assert_cmpuint (bfy_vault_file_n_items (file), ==, bfy_vault_file_n_items (back));
  g_assert_cmpuint (bfy_vault_file_n_items (file), ==, g_strv_length (ids));
  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_assert_true (i == 0 || strcmp (ids[i - 1], ids[i]) < 0);
      g_assert_true (
          bfy_secret_equal (bfy_vault_file_get (file, ids[i]), bfy_vault_file_get (back, ids[i])));
    }
}

static void
check (const guint8 *bytes, gsize length, const BfySecret *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyVaultFile) file = bfy_vault_file_open (bytes, length, key, &error);
  g_autoptr (BfyVaultFile) back = NULL;
  g_autoptr (GBytes) sealed = NULL;
  gconstpointer data;
  gsize sealed_length;

  if (file == NULL)
    {
      g_assert_true (g_error_matches (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED) ||
                     g_error_matches (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED));
      return;
    }

  sealed = bfy_vault_file_seal (file, key, bfy_vault_file_get_generation (file), &error);
  g_assert_no_error (error);
  data = g_bytes_get_data (sealed, &sealed_length);
  g_assert_cmpuint (sealed_length, ==, length);
  back = bfy_vault_file_open (data, sealed_length, key, &error);
  g_assert_no_error (error);
  compare (file, back);
}

static void
check_as_body (const guint8 *body_bytes, gsize length, const BfySecret *key)
{
  g_autoptr (BfyVaultFile) empty = bfy_vault_file_new ();
  g_autoptr (GBytes) model = bfy_vault_file_seal (empty, key, 1, NULL);
  g_autoptr (BfySecret) body = bfy_secret_new (body_bytes, length);
  g_autofree guint8 *sealed = g_malloc (BFY_VAULT_HEADER_BYTES + length + BFY_VAULT_TAG_BYTES);
  BfyVaultAssociated header = { sealed, BFY_VAULT_HEADER_BYTES, sealed + NONCE_OFFSET };

  memcpy (sealed, g_bytes_get_data (model, NULL), BFY_VAULT_HEADER_BYTES);
  g_assert_true (bfy_vault_cipher_seal (key, &header, body, sealed + BFY_VAULT_HEADER_BYTES, NULL));
  check (sealed, BFY_VAULT_HEADER_BYTES + length + BFY_VAULT_TAG_BYTES, key);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (BfySecret) key = bfy_secret_new (KEY, BFY_VAULT_KEY_BYTES);

  check (data, size, key);
  check_as_body (data, size, key);

  return 0;
}
