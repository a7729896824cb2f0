/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/vault-usage.h"

#include <string.h>

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* (transfer full) Sorted, each once. Takes what @texts holds. */
static GStrv
to_sorted_strv (GPtrArray *texts)
{
  g_ptr_array_sort (texts, compare_texts);
  for (guint i = texts->len; i > 1; i--)
    {
      if (strcmp (g_ptr_array_index (texts, i - 1), g_ptr_array_index (texts, i - 2)) == 0)
        g_ptr_array_remove_index (texts, i - 1);
    }
  g_ptr_array_add (texts, NULL);

  return (GStrv) g_ptr_array_steal (texts, NULL);
}

static char *
fingerprint_of (const guint8 id[BFY_BLOB_KEY_ID_BYTES])
{
  char *text = g_malloc (BFY_BLOB_FINGERPRINT_SIZE);

  bfy_blob_key_id_to_text (id, text);

  return text;
}

static gboolean
find_index (GPtrArray *keys, const guint8 id[BFY_BLOB_KEY_ID_BYTES], guint *index)
{
  const BfyVaultDataKey *data_key = bfy_vault_keys_find (keys, id);

  return data_key != NULL && g_ptr_array_find (keys, data_key, index);
}

BfyVaultUsage *
bfy_vault_usage_new (const BfyVaultFile *file)
{
  BfyVaultUsage *self = g_new0 (BfyVaultUsage, 1);
  g_autoptr (GPtrArray) orphans = g_ptr_array_new_with_free_func (g_free);

  for (GTreeNode *node = g_tree_node_first (file->body->items); node != NULL;
       node = g_tree_node_next (node))
    {
      gsize length;
      const guint8 *blob = g_bytes_get_data (g_tree_node_value (node), &length);
      guint8 id[BFY_BLOB_KEY_ID_BYTES];
      guint index;

      if (!bfy_blob_peek_key_id (blob, length, id))
        self->n_unreadable++;
      else if (find_index (file->body->keys, id, &index))
        self->n_items[index]++;
      else
        g_ptr_array_add (orphans, fingerprint_of (id));
    }
  self->n_orphaned = orphans->len;
  self->orphans = to_sorted_strv (orphans);

  return self;
}

void
bfy_vault_usage_free (BfyVaultUsage *self)
{
  if (self == NULL)
    return;

  g_strfreev (self->orphans);
  g_free (self);
}

guint
bfy_vault_usage_n_unused (const BfyVaultUsage *self, const BfyVaultFile *file)
{
  guint n_unused = 0;

  for (guint i = 0; i + 1 < file->body->keys->len; i++)
    n_unused += self->n_items[i] == 0 ? 1 : 0;

  return n_unused;
}

GStrv
bfy_vault_usage_fingerprints (const BfyVaultFile *file)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < file->body->keys->len; i++)
    {
      const BfyVaultDataKey *data_key = g_ptr_array_index (file->body->keys, i);

      g_ptr_array_add (texts, fingerprint_of (data_key->id));
    }

  return to_sorted_strv (texts);
}
