/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The body of format 2. Numbers are unsigned and big-endian.
 *
 *   data keys:  number of keys (1), 1 to 8; each 32 bytes; the last one is active
 *   rotation:   state (1), began (8), ended (8), items migrated (4), items that failed (4)
 *   items:      number of items (4); for each, sorted by id: length of the id (2), id, length of
 *               the blob (4), blob (protocol/blob.h)
 *
 * Nothing follows the last item. The keys are all that is secret in it. */

#include "keyring/vault-body.h"

#include <string.h>

#include "keyring/vault-header.h"
#include "keyring/vault-reader.h"
#include "protocol/error.h"

#define KEY_COUNT_BYTES 1
#define ROTATION_BYTES (1 + 8 + 8 + 4 + 4)
#define COUNT_BYTES 4
#define BLOB_LENGTH_BYTES 4

G_STATIC_ASSERT (BFY_VAULT_BODY_BYTES_MAX + 64 * 1024 == BFY_VAULT_FILE_BYTES_MAX);

static int
compare_ids (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (a, b);
}

BfyVaultBody *
bfy_vault_body_new (void)
{
  BfyVaultBody *self = g_new0 (BfyVaultBody, 1);

  self->keys = bfy_vault_keys_new ();
  self->items = g_tree_new_full (compare_ids, NULL, g_free, (GDestroyNotify) g_bytes_unref);

  return self;
}

void
bfy_vault_body_free (BfyVaultBody *self)
{
  if (self == NULL)
    return;

  g_ptr_array_unref (self->keys);
  g_tree_unref (self->items);
  g_free (self);
}

static gboolean
measure (const BfyVaultBody *self, gsize *n_bytes)
{
  gsize total =
      KEY_COUNT_BYTES + (gsize) self->keys->len * BFY_BLOB_KEY_BYTES + ROTATION_BYTES + COUNT_BYTES;

  for (GTreeNode *node = g_tree_node_first (self->items); node != NULL;
       node = g_tree_node_next (node))
    {
      gsize id_bytes = strlen (g_tree_node_key (node));
      gsize blob_bytes = g_bytes_get_size (g_tree_node_value (node));

      if (id_bytes == 0 || id_bytes > BFY_VAULT_ITEM_ID_BYTES_MAX ||
          blob_bytes > BFY_VAULT_BLOB_BYTES_MAX)
        return FALSE;
      total += BFY_VAULT_ID_LENGTH_BYTES + id_bytes + BLOB_LENGTH_BYTES + blob_bytes;
    }
  *n_bytes = total;

  return g_tree_nnodes (self->items) <= BFY_VAULT_ITEMS_MAX && total <= BFY_VAULT_BODY_BYTES_MAX;
}

static void
put_keys (guint8 **cursor, GPtrArray *keys)
{
  bfy_vault_put_number (cursor, keys->len, KEY_COUNT_BYTES);
  for (guint i = 0; i < keys->len; i++)
    {
      const BfyVaultDataKey *data_key = g_ptr_array_index (keys, i);

      bfy_vault_put_bytes (cursor, bfy_secret_peek (data_key->key, NULL), BFY_BLOB_KEY_BYTES);
    }
}

static void
put_rotation (guint8 **cursor, const BfyVaultRotation *rotation)
{
  bfy_vault_put_number (cursor, rotation->state, 1);
  bfy_vault_put_number (cursor, (guint64) rotation->began_at_s, 8);
  bfy_vault_put_number (cursor, (guint64) rotation->ended_at_s, 8);
  bfy_vault_put_number (cursor, rotation->n_migrated, 4);
  bfy_vault_put_number (cursor, rotation->n_failed, 4);
}

static void
put_items (guint8 **cursor, GTree *items)
{
  bfy_vault_put_number (cursor, (guint64) g_tree_nnodes (items), COUNT_BYTES);
  for (GTreeNode *node = g_tree_node_first (items); node != NULL; node = g_tree_node_next (node))
    {
      const char *id = g_tree_node_key (node);
      gsize blob_bytes;
      gconstpointer blob = g_bytes_get_data (g_tree_node_value (node), &blob_bytes);

      bfy_vault_put_number (cursor, strlen (id), BFY_VAULT_ID_LENGTH_BYTES);
      bfy_vault_put_bytes (cursor, id, strlen (id));
      bfy_vault_put_number (cursor, blob_bytes, BLOB_LENGTH_BYTES);
      bfy_vault_put_bytes (cursor, blob, blob_bytes);
    }
}

BfySecret *
bfy_vault_body_write (const BfyVaultBody *self, GError **error)
{
  BfySecret *body;
  guint8 *cursor;
  gsize n_bytes;

  g_return_val_if_fail (self->keys->len > 0, NULL);

  if (!measure (self, &n_bytes))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_STORAGE,
                   "it can hold %d credentials and %d bytes, not more", BFY_VAULT_ITEMS_MAX,
                   BFY_VAULT_BODY_BYTES_MAX);
      return NULL;
    }

  body = bfy_secret_new_blank (n_bytes, &cursor);
  put_keys (&cursor, self->keys);
  put_rotation (&cursor, &self->rotation);
  put_items (&cursor, self->items);

  return body;
}

static gboolean
take_keys (BfyVaultReader *reader, GPtrArray *keys)
{
  guint64 n_keys;

  if (!bfy_vault_reader_take_number (reader, KEY_COUNT_BYTES, BFY_VAULT_DATA_KEYS_MAX, &n_keys) ||
      n_keys == 0)
    return FALSE;

  for (guint64 i = 0; i < n_keys; i++)
    {
      const guint8 *bytes = bfy_vault_reader_take (reader, BFY_BLOB_KEY_BYTES);
      g_autoptr (BfySecret) key = bytes != NULL ? bfy_secret_new (bytes, BFY_BLOB_KEY_BYTES) : NULL;

      if (key == NULL || !bfy_vault_keys_add (keys, key, NULL))
        return FALSE;
    }

  return TRUE;
}

static gboolean
take_rotation (BfyVaultReader *reader, BfyVaultRotation *rotation)
{
  guint64 state, began, ended, n_migrated, n_failed;

  if (!bfy_vault_reader_take_number (reader, 1, BFY_ROTATION_REJECTED, &state) ||
      !bfy_vault_reader_take_number (reader, 8, G_MAXINT64, &began) ||
      !bfy_vault_reader_take_number (reader, 8, G_MAXINT64, &ended) ||
      !bfy_vault_reader_take_number (reader, 4, G_MAXUINT32, &n_migrated) ||
      !bfy_vault_reader_take_number (reader, 4, G_MAXUINT32, &n_failed))
    return FALSE;

  *rotation = (BfyVaultRotation){ (BfyRotationState) state, (gint64) began, (gint64) ended,
                                  (guint) n_migrated, (guint) n_failed };

  return TRUE;
}

static GBytes *
take_blob (BfyVaultReader *reader)
{
  guint64 length;
  const guint8 *bytes;

  if (!bfy_vault_reader_take_number (reader, BLOB_LENGTH_BYTES, BFY_VAULT_BLOB_BYTES_MAX, &length))
    return NULL;
  bytes = bfy_vault_reader_take (reader, length);

  return bytes != NULL ? g_bytes_new (bytes, length) : NULL;
}

/* Ids come in order: that excludes duplicates, too. */
static gboolean
take_items (BfyVaultReader *reader, GTree *items)
{
  const char *previous = NULL;
  guint64 n_items;

  if (!bfy_vault_reader_take_number (reader, COUNT_BYTES, BFY_VAULT_ITEMS_MAX, &n_items))
    return FALSE;

  for (guint64 i = 0; i < n_items; i++)
    {
      g_autofree char *id = bfy_vault_reader_take_id (reader, previous);
      g_autoptr (GBytes) blob = id != NULL ? take_blob (reader) : NULL;

      if (blob == NULL)
        return FALSE;

      previous = id;
      g_tree_insert (items, g_steal_pointer (&id), g_steal_pointer (&blob));
    }

  return TRUE;
}

BfyVaultBody *
bfy_vault_body_read (const BfySecret *bytes, GError **error)
{
  g_autoptr (BfyVaultBody) self = bfy_vault_body_new ();
  BfyVaultReader reader;

  reader.bytes = bfy_secret_peek (bytes, &reader.n_left);
  if (take_keys (&reader, self->keys) && take_rotation (&reader, &self->rotation) &&
      take_items (&reader, self->items) && reader.n_left == 0)
    return g_steal_pointer (&self);

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED,
                       "its contents cannot be understood");

  return NULL;
}
