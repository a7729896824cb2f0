/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Format 1. Numbers are unsigned and big-endian.
 *
 *   offset  bytes
 *        0      8  magic "BFYVAULT"
 *        8      2  format version, 1
 *       10      2  flags, 0
 *       12      1  kind of key: 1 = a key file beside the vault
 *       13      3  reserved, 0
 *       16      8  generation
 *       24      8  key check: the first bytes of SHA-256 over a label and the key
 *       32     12  nonce
 *       44      4  length of key slots, 0
 *       48      …  body, AES-256-GCM under the key file's bytes
 *   the end     16  tag
 *
 * Everything before the body is associated data. The body, decrypted, is the number of items (4
 * bytes), then for each item, sorted by id: length of the id (2), id, length of the secret (4),
 * secret. */

#include "keyring/vault-format1.h"

#include <openssl/sha.h>
#include <string.h>

#include "keyring/vault-body.h"
#include "keyring/vault-header.h"
#include "keyring/vault-reader.h"
#include "protocol/error.h"

#define CHECK_LABEL "bindify vault key check 1"
#define CHECK_BYTES 8
#define KEY_KIND_FILE 1
#define COUNT_BYTES 4
#define SECRET_LENGTH_BYTES 4

/* As on disk: the fields happen to fall on their natural alignment. */
typedef struct
{
  char magic[8];
  guint16 version;
  guint16 flags;
  guint8 key_kind;
  guint8 reserved[3];
  guint64 generation;
  guint8 key_check[CHECK_BYTES];
  guint8 nonce[BFY_CIPHER_NONCE_BYTES];
  guint32 n_slot_bytes;
} Header;

G_STATIC_ASSERT (sizeof (Header) == BFY_VAULT_FORMAT1_HEADER_BYTES);

static gboolean
fail_damaged (GError **error, const char *clause)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED, clause);

  return FALSE;
}

static gboolean
check_key (const Header *header, const BfySecret *key, GError **error)
{
  guint8 input[sizeof CHECK_LABEL - 1 + BFY_VAULT_KEY_BYTES];
  guint8 digest[SHA256_DIGEST_LENGTH];

  memcpy (input, CHECK_LABEL, sizeof CHECK_LABEL - 1);
  memcpy (input + sizeof CHECK_LABEL - 1, bfy_secret_peek (key, NULL), BFY_VAULT_KEY_BYTES);
  SHA256 (input, sizeof input, digest);
  bfy_wipe (input, sizeof input);
  if (memcmp (header->key_check, digest, CHECK_BYTES) != 0)
    return fail_damaged (error, "it was written with another key");

  return TRUE;
}

static gboolean
check_header (const Header *header, const BfySecret *key, GError **error)
{
  static const guint8 zero[sizeof header->reserved];

  if (header->flags != 0 || header->key_kind != KEY_KIND_FILE || header->n_slot_bytes != 0 ||
      memcmp (header->reserved, zero, sizeof zero) != 0)
    return fail_damaged (error, "its header makes no sense");

  return check_key (header, key, error);
}

static BfySecret *
take_secret (BfyVaultReader *reader)
{
  guint64 length;
  const guint8 *bytes;

  if (!bfy_vault_reader_take_number (reader, SECRET_LENGTH_BYTES, BFY_BLOB_PLAIN_BYTES_MAX,
                                     &length))
    return NULL;
  bytes = bfy_vault_reader_take (reader, length);

  return bytes != NULL ? bfy_secret_new (bytes, length) : NULL;
}

static int
compare_ids (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (a, b);
}

static GTree *
read_body (const BfySecret *body)
{
  g_autoptr (GTree) items =
      g_tree_new_full (compare_ids, NULL, g_free, (GDestroyNotify) bfy_secret_unref);
  const char *previous = NULL;
  BfyVaultReader reader;
  guint64 n_items;

  reader.bytes = bfy_secret_peek (body, &reader.n_left);
  if (!bfy_vault_reader_take_number (&reader, COUNT_BYTES, BFY_VAULT_ITEMS_MAX, &n_items))
    return NULL;
  for (guint64 i = 0; i < n_items; i++)
    {
      g_autofree char *id = bfy_vault_reader_take_id (&reader, previous);
      g_autoptr (BfySecret) secret = id != NULL ? take_secret (&reader) : NULL;

      if (secret == NULL)
        return NULL;

      previous = id;
      g_tree_insert (items, g_steal_pointer (&id), g_steal_pointer (&secret));
    }

  return reader.n_left == 0 ? g_steal_pointer (&items) : NULL;
}

static BfySecret *
open_body (const guint8 *bytes, gsize length, const BfySecret *key, GError **error)
{
  BfyCipherAssociated associated = { bytes, sizeof (Header),
                                     bytes + G_STRUCT_OFFSET (Header, nonce) };
  g_autoptr (GError) local_error = NULL;
  BfySecret *body = bfy_cipher_open (key, &associated, bytes + sizeof (Header),
                                     length - sizeof (Header), &local_error);

  if (body == NULL)
    g_set_error_literal (error, BFY_ERROR,
                         g_error_matches (local_error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED)
                             ? BFY_ERROR_VAULT_DAMAGED
                             : BFY_ERROR_FAILED,
                         local_error->message);

  return body;
}

GTree *
bfy_vault_format1_open (const guint8 *bytes, gsize length, const BfySecret *key, GError **error)
{
  g_autoptr (BfySecret) body = NULL;
  GTree *items;
  Header header;

  g_return_val_if_fail (bfy_secret_length (key) == BFY_VAULT_KEY_BYTES, NULL);

  if (length < sizeof header + BFY_CIPHER_TAG_BYTES)
    {
      fail_damaged (error, "it is cut short");
      return NULL;
    }
  memcpy (&header, bytes, sizeof header);
  if (!check_header (&header, key, error))
    return NULL;
  body = open_body (bytes, length, key, error);
  if (body == NULL)
    return NULL;

  items = read_body (body);
  if (items == NULL)
    fail_damaged (error, "its items cannot be understood");

  return items;
}
