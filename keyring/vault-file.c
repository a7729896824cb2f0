/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/vault-file.h"

#include <string.h>

#include "protocol/error.h"

#define PURPOSE "token"

static BfyVaultFile *
vault_file_new_take (BfySecret *key, BfyVaultBody *body)
{
  BfyVaultFile *self = g_new0 (BfyVaultFile, 1);

  self->key = key;
  self->body = body;

  return self;
}

BfyVaultFile *
bfy_vault_file_new (GError **error)
{
  g_autoptr (BfySecret) key = bfy_cipher_random_secret (BFY_VAULT_KEY_BYTES, error);
  g_autoptr (BfyVaultFile) self = NULL;

  if (key == NULL)
    return NULL;
  self = vault_file_new_take (g_steal_pointer (&key), bfy_vault_body_new ());
  if (!bfy_cipher_random (self->header.id, sizeof self->header.id, error) ||
      !bfy_vault_keys_add_random (self->body->keys, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
bfy_vault_file_free (BfyVaultFile *self)
{
  if (self == NULL)
    return;

  bfy_secret_unref (self->key);
  bfy_vault_body_free (self->body);
  g_free (self);
}

BfyVaultFile *
bfy_vault_file_open (
    const guint8 *bytes, gsize length, const BfyVaultHeader *header, BfySecret *key, GError **error)
{
  gsize header_length = bfy_vault_header_length (header);
  BfyCipherAssociated associated = { bytes, header_length, header->nonce };
  g_autoptr (GError) local_error = NULL;
  g_autoptr (BfySecret) plain =
      bfy_cipher_open (key, &associated, bytes + header_length,
                       length - header_length - BFY_VAULT_DIGEST_BYTES, &local_error);
  BfyVaultBody *body;
  BfyVaultFile *self;

  if (plain == NULL)
    {
      g_set_error_literal (error, BFY_ERROR,
                           g_error_matches (local_error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED)
                               ? BFY_ERROR_VAULT_DAMAGED
                               : BFY_ERROR_FAILED,
                           local_error->message);
      return NULL;
    }
  body = bfy_vault_body_read (plain, error);
  if (body == NULL)
    return NULL;

  self = vault_file_new_take (bfy_secret_ref (key), body);
  self->header = *header;

  return self;
}

GBytes *
bfy_vault_file_seal (const BfyVaultFile *self, guint64 generation, GError **error)
{
  BfyVaultHeader header = self->header;
  gsize header_length = bfy_vault_header_length (&header);
  g_autoptr (BfySecret) body = NULL;
  g_autofree guint8 *bytes = NULL;
  BfyCipherAssociated associated;
  gsize length;

  g_return_val_if_fail (header.n_slots > 0, NULL);

  header.generation = generation;
  body = bfy_vault_body_write (self->body, error);
  if (body == NULL || !bfy_cipher_random (header.nonce, sizeof header.nonce, error))
    return NULL;

  length = header_length + bfy_secret_length (body) + BFY_CIPHER_TAG_BYTES;
  bytes = g_malloc (length + BFY_VAULT_DIGEST_BYTES);
  bfy_vault_header_write (&header, bytes);
  associated = (BfyCipherAssociated){ bytes, header_length, header.nonce };
  if (!bfy_cipher_seal (self->key, &associated, body, bytes + header_length, error))
    return NULL;
  bfy_vault_header_write_trailer (bytes, length);

  return g_bytes_new_take (g_steal_pointer (&bytes), length + BFY_VAULT_DIGEST_BYTES);
}

guint
bfy_vault_file_n_items (const BfyVaultFile *self)
{
  return (guint) g_tree_nnodes (self->body->items);
}

GStrv
bfy_vault_file_ids (const BfyVaultFile *self)
{
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();

  for (GTreeNode *node = g_tree_node_first (self->body->items); node != NULL;
       node = g_tree_node_next (node))
    g_strv_builder_add (ids, g_tree_node_key (node));

  return g_strv_builder_end (ids);
}

gboolean
bfy_vault_file_has (const BfyVaultFile *self, const char *id)
{
  return g_tree_lookup (self->body->items, id) != NULL;
}

static BfyBlobUse
use_of (const char *id)
{
  return (BfyBlobUse){ BFY_BLOB_INFO_MANAGED, id, PURPOSE };
}

/* Without its key a record is not damaged, and no other key is tried (behaviour 10.7). */
static BfySecret *
open_blob (const BfyVaultFile *self, const char *id, GBytes *blob, GError **error)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (blob, &length);
  BfyBlobUse use = use_of (id);
  guint8 key_id[BFY_BLOB_KEY_ID_BYTES];
  const BfyVaultDataKey *data_key = bfy_vault_keys_active (self->body->keys);
  char fingerprint[BFY_BLOB_FINGERPRINT_SIZE];

  if (bfy_blob_peek_key_id (bytes, length, key_id))
    data_key = bfy_vault_keys_find (self->body->keys, key_id);
  if (data_key != NULL)
    return bfy_blob_open (data_key->key, &use, bytes, length, error);

  bfy_blob_key_id_to_text (key_id, fingerprint);
  g_set_error (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
               "its data key, %s, is not in the vault", fingerprint);

  return NULL;
}

BfySecret *
bfy_vault_file_get (const BfyVaultFile *self, const char *id, GError **error)
{
  GBytes *blob = g_tree_lookup (self->body->items, id);
  g_autoptr (GError) local_error = NULL;
  BfySecret *secret;

  if (blob == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING,
                           "The vault holds no such credential");
      return NULL;
    }
  secret = open_blob (self, id, blob, &local_error);
  if (secret == NULL)
    g_set_error (error, BFY_ERROR,
                 g_error_matches (local_error, BFY_ERROR, BFY_ERROR_FAILED)
                     ? BFY_ERROR_FAILED
                     : BFY_ERROR_CREDENTIAL_DAMAGED,
                 "The credential in the vault cannot be opened: %s", local_error->message);

  return secret;
}

gboolean
bfy_vault_file_set (BfyVaultFile *self, const char *id, const BfySecret *secret, GError **error)
{
  BfyBlobUse use = use_of (id);
  GBytes *blob = bfy_blob_seal (bfy_vault_keys_active (self->body->keys)->key, &use, secret, error);

  if (blob == NULL)
    return FALSE;

  g_tree_replace (self->body->items, g_strdup (id), blob);

  return TRUE;
}

gboolean
bfy_vault_file_remove (BfyVaultFile *self, const char *id)
{
  return g_tree_remove (self->body->items, id);
}

gboolean
bfy_vault_file_set_slot (BfyVaultFile *self,
                         const BfyVaultSlot *slot,
                         const BfySecret *slot_key,
                         GError **error)
{
  BfyVaultSlotRecord record = { .slot = *slot };
  g_autoptr (GError) local_error = NULL;

  if (!bfy_vault_slot_check (slot, &local_error))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "The key slot cannot be used: %s",
                   local_error->message);
      return FALSE;
    }
  if (!bfy_vault_slot_wrap (&record, self->header.id, slot_key, self->key, error))
    return FALSE;

  if (bfy_vault_header_find (&self->header, slot->number) != NULL)
    bfy_vault_header_remove (&self->header, slot->number);
  bfy_vault_header_insert (&self->header, &record);

  return TRUE;
}
