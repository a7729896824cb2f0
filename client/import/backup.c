/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/import/backup.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "protocol/cipher.h"
#include "protocol/error.h"

#define MAGIC "BFYI\001"
#define MAGIC_BYTES 5
#define HEAD_BYTES (MAGIC_BYTES + 3 + BFY_KDF_SALT_BYTES)
#define OVERHEAD_BYTES (HEAD_BYTES + BFY_CIPHER_NONCE_BYTES + BFY_CIPHER_TAG_BYTES)

BfySecret *
bfy_backup_make_key (const BfySecret *passphrase, BfyKdf *kdf, GError **error)
{
  *kdf = (BfyKdf){
    .algorithm = BFY_KDF_SCRYPT, .log2_n = BFY_KDF_LOG2_N_DEFAULT, .r = BFY_KDF_R, .p = 1
  };

  return bfy_kdf_make_salt (kdf, error) ? bfy_kdf_derive (kdf, passphrase, error) : NULL;
}

static void
write_head (const BfyKdf *kdf, guint8 *head)
{
  memcpy (head, MAGIC, MAGIC_BYTES);
  head[MAGIC_BYTES] = (guint8) kdf->log2_n;
  head[MAGIC_BYTES + 1] = (guint8) kdf->p;
  head[MAGIC_BYTES + 2] = 0;
  memcpy (head + MAGIC_BYTES + 3, kdf->salt, BFY_KDF_SALT_BYTES);
}

/* Head ‖ path. */
static GByteArray *
join_associated (const guint8 *head, const char *path)
{
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, head, HEAD_BYTES);
  g_byte_array_append (bytes, (const guint8 *) path, (guint) strlen (path));

  return bytes;
}

GBytes *
bfy_backup_seal (
    const BfyKdf *kdf, const BfySecret *key, const char *path, GBytes *content, GError **error)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (content, &length);
  g_autoptr (BfySecret) plain = bfy_secret_new (bytes, length);
  gsize size = length + OVERHEAD_BYTES;
  g_autofree guint8 *out = g_malloc0 (size);
  guint8 *nonce = out + HEAD_BYTES;
  g_autoptr (GByteArray) bound = NULL;

  write_head (kdf, out);
  bound = join_associated (out, path);
  if (!bfy_cipher_random (nonce, BFY_CIPHER_NONCE_BYTES, error) ||
      !bfy_cipher_seal (key, &(BfyCipherAssociated){ bound->data, bound->len, nonce }, plain,
                        nonce + BFY_CIPHER_NONCE_BYTES, error))
    return NULL;

  return g_bytes_new_take (g_steal_pointer (&out), size);
}

gboolean
bfy_backup_read_kdf (GBytes *sealed, BfyKdf *kdf, GError **error)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (sealed, &length);

  if (length < OVERHEAD_BYTES || memcmp (bytes, MAGIC, MAGIC_BYTES) != 0)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
                           _ ("The copy of the old contents is damaged"));
      return FALSE;
    }
  *kdf = (BfyKdf){ .algorithm = BFY_KDF_SCRYPT,
                   .log2_n = bytes[MAGIC_BYTES],
                   .r = BFY_KDF_R,
                   .p = bytes[MAGIC_BYTES + 1] };
  memcpy (kdf->salt, bytes + MAGIC_BYTES + 3, BFY_KDF_SALT_BYTES);

  return bfy_kdf_check (kdf, error);
}

GBytes *
bfy_backup_open (GBytes *sealed, const BfySecret *key, const char *path, GError **error)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (sealed, &length);
  g_autoptr (GByteArray) bound = NULL;
  g_autoptr (BfySecret) plain = NULL;
  const guint8 *nonce;
  BfyKdf kdf;

  if (!bfy_backup_read_kdf (sealed, &kdf, error))
    return NULL;
  bound = join_associated (bytes, path);
  nonce = bytes + HEAD_BYTES;
  plain = bfy_cipher_open (key, &(BfyCipherAssociated){ bound->data, bound->len, nonce },
                           nonce + BFY_CIPHER_NONCE_BYTES,
                           length - HEAD_BYTES - BFY_CIPHER_NONCE_BYTES, error);

  return plain != NULL ? g_bytes_new (bfy_secret_peek (plain, NULL), bfy_secret_length (plain))
                       : NULL;
}
