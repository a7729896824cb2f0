/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/vault-keys.h"

#include <string.h>

#include "protocol/error.h"

static void
data_key_free (gpointer data)
{
  BfyVaultDataKey *self = data;

  bfy_secret_unref (self->key);
  g_free (self);
}

GPtrArray *
bfy_vault_keys_new (void)
{
  return g_ptr_array_new_with_free_func (data_key_free);
}

gboolean
bfy_vault_keys_add (GPtrArray *keys, BfySecret *key, GError **error)
{
  guint8 id[BFY_BLOB_KEY_ID_BYTES];
  BfyVaultDataKey *data_key;

  if (!bfy_blob_make_key_id (key, id, error))
    return FALSE;
  if (bfy_vault_keys_find (keys, id) != NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_EXISTS, "it has this data key already");
      return FALSE;
    }
  if (keys->len >= BFY_VAULT_DATA_KEYS_MAX)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_STORAGE, "it holds %d data keys, not more",
                   BFY_VAULT_DATA_KEYS_MAX);
      return FALSE;
    }

  data_key = g_new0 (BfyVaultDataKey, 1);
  data_key->key = bfy_secret_ref (key);
  memcpy (data_key->id, id, sizeof id);
  g_ptr_array_add (keys, data_key);

  return TRUE;
}

gboolean
bfy_vault_keys_add_random (GPtrArray *keys, GError **error)
{
  g_autoptr (BfySecret) key = bfy_blob_make_key (error);

  return key != NULL && bfy_vault_keys_add (keys, key, error);
}

const BfyVaultDataKey *
bfy_vault_keys_active (GPtrArray *keys)
{
  return g_ptr_array_index (keys, keys->len - 1);
}

const BfyVaultDataKey *
bfy_vault_keys_find (GPtrArray *keys, const guint8 id[BFY_BLOB_KEY_ID_BYTES])
{
  for (guint i = 0; i < keys->len; i++)
    {
      const BfyVaultDataKey *data_key = g_ptr_array_index (keys, i);

      if (memcmp (data_key->id, id, BFY_BLOB_KEY_ID_BYTES) == 0)
        return data_key;
    }

  return NULL;
}
