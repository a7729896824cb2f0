/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/vault-body.h"

#include <string.h>

#include "keyring/vault-file.h"
#include "protocol/error.h"

#define COUNT_BYTES 4
#define ID_LENGTH_BYTES 2
#define SECRET_LENGTH_BYTES 4

typedef struct
{
  const guint8 *bytes;
  gsize n_left;
} Reader;

static int
compare_ids (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (a, b);
}

GTree *
bfy_vault_items_new (void)
{
  return g_tree_new_full (compare_ids, NULL, g_free, (GDestroyNotify) bfy_secret_unref);
}

static void
put_number (guint8 **cursor, guint64 number, guint n_bytes)
{
  for (guint i = 0; i < n_bytes; i++)
    (*cursor)[i] = (guint8) (number >> (8 * (n_bytes - 1 - i)));
  *cursor += n_bytes;
}

static void
put_bytes (guint8 **cursor, gconstpointer bytes, gsize length)
{
  if (length > 0)
    memcpy (*cursor, bytes, length);
  *cursor += length;
}

static gboolean
measure (GTree *items, gsize *n_bytes)
{
  gsize total = COUNT_BYTES;

  for (GTreeNode *node = g_tree_node_first (items); node != NULL; node = g_tree_node_next (node))
    {
      gsize id_bytes = strlen (g_tree_node_key (node));
      gsize secret_bytes = bfy_secret_length (g_tree_node_value (node));

      if (id_bytes == 0 || id_bytes > BFY_VAULT_ID_BYTES_MAX ||
          secret_bytes > BFY_VAULT_SECRET_BYTES_MAX)
        return FALSE;
      total += ID_LENGTH_BYTES + id_bytes + SECRET_LENGTH_BYTES + secret_bytes;
    }
  *n_bytes = total;

  return g_tree_nnodes (items) <= BFY_VAULT_ITEMS_MAX && total <= BFY_VAULT_BODY_BYTES_MAX;
}

BfySecret *
bfy_vault_body_write (GTree *items, GError **error)
{
  BfySecret *body;
  guint8 *cursor;
  gsize n_bytes;

  if (!measure (items, &n_bytes))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_STORAGE,
                   "it can hold %d credentials and %d bytes, not more", BFY_VAULT_ITEMS_MAX,
                   BFY_VAULT_BODY_BYTES_MAX);
      return NULL;
    }

  body = bfy_secret_new_blank (n_bytes, &cursor);
  put_number (&cursor, (guint64) g_tree_nnodes (items), COUNT_BYTES);
  for (GTreeNode *node = g_tree_node_first (items); node != NULL; node = g_tree_node_next (node))
    {
      const char *id = g_tree_node_key (node);
      gsize secret_bytes;
      const guint8 *secret = bfy_secret_peek (g_tree_node_value (node), &secret_bytes);

      put_number (&cursor, strlen (id), ID_LENGTH_BYTES);
      put_bytes (&cursor, id, strlen (id));
      put_number (&cursor, secret_bytes, SECRET_LENGTH_BYTES);
      put_bytes (&cursor, secret, secret_bytes);
    }

  return body;
}

static const guint8 *
take_bytes (Reader *reader, gsize length)
{
  const guint8 *bytes = reader->bytes;

  if (length > reader->n_left)
    return NULL;

  reader->bytes += length;
  reader->n_left -= length;

  return bytes;
}

static gboolean
take_number (Reader *reader, guint n_bytes, gsize max, gsize *number)
{
  const guint8 *bytes = take_bytes (reader, n_bytes);

  if (bytes == NULL)
    return FALSE;

  *number = 0;
  for (guint i = 0; i < n_bytes; i++)
    *number = *number << 8 | bytes[i];

  return *number <= max;
}

/* Ids are text, not empty, and come in order: that excludes duplicates, too. */
static char *
take_id (Reader *reader, const char *previous)
{
  gsize length;
  const guint8 *bytes;
  g_autofree char *id = NULL;

  if (!take_number (reader, ID_LENGTH_BYTES, BFY_VAULT_ID_BYTES_MAX, &length))
    return NULL;
  bytes = take_bytes (reader, length);
  if (bytes == NULL || length == 0 || memchr (bytes, 0, length) != NULL)
    return NULL;

  id = g_strndup ((const char *) bytes, length);
  if (previous != NULL && strcmp (previous, id) >= 0)
    return NULL;

  return g_steal_pointer (&id);
}

static BfySecret *
take_secret (Reader *reader)
{
  gsize length;
  const guint8 *bytes;

  if (!take_number (reader, SECRET_LENGTH_BYTES, BFY_VAULT_SECRET_BYTES_MAX, &length))
    return NULL;
  bytes = take_bytes (reader, length);

  return bytes != NULL ? bfy_secret_new (bytes, length) : NULL;
}

static gboolean
take_items (Reader *reader, GTree *items)
{
  const char *previous = NULL;
  gsize n_items;

  if (!take_number (reader, COUNT_BYTES, BFY_VAULT_ITEMS_MAX, &n_items))
    return FALSE;

  for (gsize i = 0; i < n_items; i++)
    {
      g_autofree char *id = take_id (reader, previous);
      g_autoptr (BfySecret) secret = id != NULL ? take_secret (reader) : NULL;

      if (secret == NULL)
        return FALSE;

      previous = id;
      g_tree_insert (items, g_steal_pointer (&id), g_steal_pointer (&secret));
    }

  return reader->n_left == 0;
}

GTree *
bfy_vault_body_read (const BfySecret *body, GError **error)
{
  g_autoptr (GTree) items = bfy_vault_items_new ();
  Reader reader;

  reader.bytes = bfy_secret_peek (body, &reader.n_left);
  if (!take_items (&reader, items))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED,
                           "its items cannot be understood");
      return NULL;
    }

  return g_steal_pointer (&items);
}
