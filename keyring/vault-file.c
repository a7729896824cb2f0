/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The vault's bytes. Numbers are unsigned and big-endian.
 *
 *   offset  bytes
 *        0      8  magic "BFYVAULT"
 *        8      2  format version, 1
 *       10      2  flags, 0
 *       12      1  kind of key: 1 = a key file beside the vault
 *       13      3  reserved, 0
 *       16      8  generation, one more with every write
 *       24      8  key check: the first bytes of SHA-256 over a label and the key
 *       32     12  nonce, random for every write
 *       44      4  length S of the key slots
 *       48      S  key slots; none for a key file
 *     48+S      …  body, AES-256-GCM
 *   the end     16  tag
 *
 * Everything before the body is the associated data of the encryption, so that no bit of the file
 * can change unnoticed, not even one that nobody reads. The body, decrypted, is the number of items
 * (4 bytes), then for each item, sorted by id: length of the id (2), id, length of the secret (4),
 * secret. Nothing follows the last item.
 *
 * The key is always a random one that encrypts the body directly. A passphrase will not replace it
 * but wrap it, in a key slot, so that a passphrase can change without the body being touched. The
 * key check belongs to the random key and is no help in guessing a passphrase.
 *
 * The version is looked at before anything is authenticated, because a later format may lay out the
 * rest differently. So whatever an older reader would have to understand raises the version, and
 * flags, kinds and slots that version 1 does not know are damage. Random nonces are safe for 2^32
 * writes under one key: one a second for 136 years. */

#include "keyring/vault-file.h"

#include <openssl/rand.h>
#include <string.h>

#include "keyring/vault-body.h"
#include "keyring/vault-cipher.h"
#include "protocol/error.h"

#define MAGIC "BFYVAULT"
#define FORMAT_VERSION 1
#define KEY_KIND_FILE 1

struct _BfyVaultFile
{
  guint64 generation;
  GTree *items; /* (owned) (element-type utf8 BfySecret) sorted by id */
};

/* As on disk: the fields happen to fall on their natural alignment. */
typedef struct
{
  char magic[8];
  guint16 version;
  guint16 flags;
  guint8 key_kind;
  guint8 reserved[3];
  guint64 generation;
  guint8 key_check[BFY_VAULT_CHECK_BYTES];
  guint8 nonce[BFY_VAULT_NONCE_BYTES];
  guint32 n_slot_bytes;
} Header;

G_STATIC_ASSERT (sizeof (Header) == BFY_VAULT_HEADER_BYTES);
G_STATIC_ASSERT (BFY_VAULT_BODY_BYTES_MAX + BFY_VAULT_HEADER_BYTES + BFY_VAULT_TAG_BYTES <=
                 BFY_VAULT_FILE_BYTES_MAX);

static BfyVaultFile *
vault_file_new_take (GTree *items, guint64 generation)
{
  BfyVaultFile *self = g_new0 (BfyVaultFile, 1);

  self->items = items;
  self->generation = generation;

  return self;
}

BfyVaultFile *
bfy_vault_file_new (void)
{
  return vault_file_new_take (bfy_vault_items_new (), 0);
}

void
bfy_vault_file_free (BfyVaultFile *self)
{
  if (self == NULL)
    return;

  g_tree_unref (self->items);
  g_free (self);
}

BfyVaultFile *
bfy_vault_file_copy (const BfyVaultFile *self)
{
  BfyVaultFile *copy = vault_file_new_take (bfy_vault_items_new (), self->generation);

  for (GTreeNode *node = g_tree_node_first (self->items); node != NULL;
       node = g_tree_node_next (node))
    bfy_vault_file_set (copy, g_tree_node_key (node), g_tree_node_value (node));

  return copy;
}

guint64
bfy_vault_file_get_generation (const BfyVaultFile *self)
{
  return self->generation;
}

guint
bfy_vault_file_n_items (const BfyVaultFile *self)
{
  return (guint) g_tree_nnodes (self->items);
}

BfySecret *
bfy_vault_file_get (const BfyVaultFile *self, const char *id)
{
  return g_tree_lookup (self->items, id);
}

void
bfy_vault_file_set (BfyVaultFile *self, const char *id, BfySecret *secret)
{
  g_tree_replace (self->items, g_strdup (id), bfy_secret_ref (secret));
}

gboolean
bfy_vault_file_remove (BfyVaultFile *self, const char *id)
{
  return g_tree_remove (self->items, id);
}

GStrv
bfy_vault_file_ids (const BfyVaultFile *self)
{
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();

  for (GTreeNode *node = g_tree_node_first (self->items); node != NULL;
       node = g_tree_node_next (node))
    g_strv_builder_add (ids, g_tree_node_key (node));

  return g_strv_builder_end (ids);
}

static gboolean
fail_damaged (GError **error, const char *clause)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED, clause);

  return FALSE;
}

static gboolean
make_header (const BfySecret *key, guint64 generation, Header *header, GError **error)
{
  *header = (Header){
    .magic = { 'B', 'F', 'Y', 'V', 'A', 'U', 'L', 'T' },
    .version = GUINT16_TO_BE (FORMAT_VERSION),
    .key_kind = KEY_KIND_FILE,
    .generation = GUINT64_TO_BE (generation),
  };
  if (RAND_bytes (header->nonce, sizeof header->nonce) != 1)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED, "no random numbers are to be had");
      return FALSE;
    }

  return bfy_vault_cipher_check (key, header->key_check, error);
}

GBytes *
bfy_vault_file_seal (const BfyVaultFile *self,
                     const BfySecret *key,
                     guint64 generation,
                     GError **error)
{
  g_autoptr (BfySecret) body = NULL;
  g_autofree guint8 *sealed = NULL;
  BfyVaultAssociated associated;
  Header header;
  gsize length;

  g_return_val_if_fail (bfy_secret_length (key) == BFY_VAULT_KEY_BYTES, NULL);

  body = bfy_vault_body_write (self->items, error);
  if (body == NULL || !make_header (key, generation, &header, error))
    return NULL;

  length = sizeof header + bfy_secret_length (body) + BFY_VAULT_TAG_BYTES;
  sealed = g_malloc (length);
  memcpy (sealed, &header, sizeof header);
  associated = (BfyVaultAssociated){ sealed, sizeof header, header.nonce };
  if (!bfy_vault_cipher_seal (key, &associated, body, sealed + sizeof header, error))
    return NULL;

  return g_bytes_new_take (g_steal_pointer (&sealed), length);
}

static gboolean
check_version (const Header *header, GError **error)
{
  guint version = GUINT16_FROM_BE (header->version);

  if (version == FORMAT_VERSION)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
               version > FORMAT_VERSION
                   ? "it has format %u, made by a newer bindify; this one knows format %d"
                   : "it has format %u, older than any that this bindify knows (%d)",
               version, FORMAT_VERSION);
  return FALSE;
}

static gboolean
check_header (const Header *header, const BfySecret *key, GError **error)
{
  static const guint8 zero[sizeof header->reserved];
  guint8 check[BFY_VAULT_CHECK_BYTES];

  if (header->flags != 0 || header->key_kind != KEY_KIND_FILE || header->n_slot_bytes != 0 ||
      memcmp (header->reserved, zero, sizeof zero) != 0)
    return fail_damaged (error, "its header makes no sense");
  if (!bfy_vault_cipher_check (key, check, error))
    return FALSE;
  if (memcmp (header->key_check, check, sizeof check) != 0)
    return fail_damaged (error, "it was written with another key");

  return TRUE;
}

static gboolean
read_header (const guint8 *bytes, gsize length, Header *header, GError **error)
{
  if (length > BFY_VAULT_FILE_BYTES_MAX)
    return fail_damaged (error, "it is larger than a vault can be");
  if (length < sizeof *header)
    return fail_damaged (error, "it is cut short");

  memcpy (header, bytes, sizeof *header);
  if (memcmp (header->magic, MAGIC, sizeof header->magic) != 0)
    return fail_damaged (error, "it does not begin like a vault");

  return TRUE;
}

gboolean
bfy_vault_file_peek_generation (const guint8 *bytes, gsize length, guint64 *generation)
{
  Header header;

  if (!read_header (bytes, length, &header, NULL))
    return FALSE;

  *generation = GUINT64_FROM_BE (header.generation);

  return TRUE;
}

BfyVaultFile *
bfy_vault_file_open (const guint8 *bytes, gsize length, const BfySecret *key, GError **error)
{
  g_autoptr (BfySecret) body = NULL;
  g_autoptr (GTree) items = NULL;
  BfyVaultAssociated associated;
  Header header;

  g_return_val_if_fail (bfy_secret_length (key) == BFY_VAULT_KEY_BYTES, NULL);

  if (!read_header (bytes, length, &header, error) || !check_version (&header, error) ||
      !check_header (&header, key, error))
    return NULL;
  if (length - sizeof header < BFY_VAULT_TAG_BYTES)
    {
      fail_damaged (error, "it is cut short");
      return NULL;
    }

  associated = (BfyVaultAssociated){ bytes, sizeof header, header.nonce };
  body = bfy_vault_cipher_open (key, &associated, bytes + sizeof header, length - sizeof header,
                                error);
  if (body == NULL)
    return NULL;

  items = bfy_vault_body_read (body, error);
  if (items == NULL)
    return NULL;

  return vault_file_new_take (g_steal_pointer (&items), GUINT64_FROM_BE (header.generation));
}
