/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/vault-rotation.h"

#include <string.h>

#include "keyring/vault-usage.h"
#include "protocol/error.h"

/* One old key may lie around unused, as it does between a rotation and its removal. */
#define UNUSED_KEYS_MAX 1

static const char *const state_names[] = {
  [BFY_ROTATION_NONE] = "none",           [BFY_ROTATION_PENDING] = "pending",
  [BFY_ROTATION_VALIDATED] = "validated", [BFY_ROTATION_MIGRATING] = "migrating",
  [BFY_ROTATION_PARTIAL] = "partial",     [BFY_ROTATION_COMPLETED] = "completed",
  [BFY_ROTATION_FAILED] = "failed",       [BFY_ROTATION_REJECTED] = "rejected",
};

const char *
bfy_rotation_state_to_wire (BfyRotationState state)
{
  return state_names[state];
}

gboolean
bfy_rotation_is_running (BfyRotationState state)
{
  return state == BFY_ROTATION_PENDING || state == BFY_ROTATION_VALIDATED ||
         state == BFY_ROTATION_MIGRATING;
}

static void
finish (BfyVaultFile *file, BfyRotationState state, gint64 now_s)
{
  file->body->rotation.state = state;
  file->body->rotation.ended_at_s = now_s;
}

/* In any order, but each once. */
static gboolean
is_expected (const BfyVaultFile *file, const char *const *expected)
{
  g_auto (GStrv) listed = bfy_vault_usage_fingerprints (file);
  guint n_expected = expected != NULL ? g_strv_length ((GStrv) expected) : 0;

  if (expected == NULL)
    return TRUE;
  if (n_expected != g_strv_length (listed))
    return FALSE;
  for (guint i = 0; listed[i] != NULL; i++)
    {
      if (!g_strv_contains (expected, listed[i]))
        return FALSE;
    }

  return TRUE;
}

void
bfy_vault_rotation_begin (BfyVaultFile *file, const char *const *expected, gint64 now_s)
{
  file->body->rotation = (BfyVaultRotation){ .state = BFY_ROTATION_PENDING, .began_at_s = now_s };
  if (!is_expected (file, expected))
    finish (file, BFY_ROTATION_FAILED, now_s);
}

static BfyRotationState
validate (const BfyVaultFile *file)
{
  g_autoptr (BfyVaultUsage) usage = bfy_vault_usage_new (file);

  if (usage->n_orphaned > 0)
    return BFY_ROTATION_FAILED;
  if (bfy_vault_usage_n_unused (usage, file) > UNUSED_KEYS_MAX ||
      file->body->keys->len >= BFY_VAULT_DATA_KEYS_MAX)
    return BFY_ROTATION_REJECTED;

  return BFY_ROTATION_VALIDATED;
}

static gboolean
step_pending (BfyVaultFile *file, gint64 now_s, GError **error)
{
  BfyRotationState state = validate (file);

  if (state != BFY_ROTATION_VALIDATED)
    {
      finish (file, state, now_s);
      return TRUE;
    }
  if (!bfy_vault_keys_add_random (file->body->keys, error))
    return FALSE;
  file->body->rotation.state = BFY_ROTATION_VALIDATED;

  return TRUE;
}

static gboolean
has_active_key (const BfyVaultFile *file, GBytes *blob)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (blob, &length);
  guint8 id[BFY_BLOB_KEY_ID_BYTES];

  return bfy_blob_peek_key_id (bytes, length, id) &&
         memcmp (id, bfy_vault_keys_active (file->body->keys)->id, sizeof id) == 0;
}

/* (transfer full) (element-type utf8) the ids of what is to be done. */
static GPtrArray *
ids_left (const BfyVaultFile *file)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);

  for (GTreeNode *node = g_tree_node_first (file->body->items); node != NULL;
       node = g_tree_node_next (node))
    {
      if (!has_active_key (file, g_tree_node_value (node)))
        g_ptr_array_add (ids, g_strdup (g_tree_node_key (node)));
    }

  return ids;
}

guint
bfy_vault_rotation_n_left (const BfyVaultFile *file)
{
  g_autoptr (GPtrArray) ids = ids_left (file);

  return ids->len;
}

/* What was encrypted anew is opened again before the old blob goes. FALSE leaves the item alone: a
 * record that cannot be opened does not stop the others. */
static gboolean
migrate (BfyVaultFile *file, const char *id)
{
  g_autoptr (GBytes) before = g_bytes_ref (g_tree_lookup (file->body->items, id));
  g_autoptr (BfySecret) secret = bfy_vault_file_get (file, id, NULL);
  g_autoptr (BfySecret) again = NULL;

  if (secret == NULL || !bfy_vault_file_set (file, id, secret, NULL))
    return FALSE;
  again = bfy_vault_file_get (file, id, NULL);
  if (again != NULL && bfy_secret_equal (again, secret))
    return TRUE;

  g_tree_replace (file->body->items, g_strdup (id), g_steal_pointer (&before));

  return FALSE;
}

static void
step_migrating (BfyVaultFile *file, gint64 now_s)
{
  g_autoptr (GPtrArray) ids = ids_left (file);
  BfyVaultRotation *rotation = &file->body->rotation;
  guint n_migrated = 0;
  guint n_failed = 0;

  rotation->state = BFY_ROTATION_MIGRATING;
  for (guint i = 0; i < ids->len && n_migrated < BFY_VAULT_ROTATION_STEP_ITEMS; i++)
    {
      if (migrate (file, g_ptr_array_index (ids, i)))
        n_migrated++;
      else
        n_failed++;
    }
  rotation->n_migrated += n_migrated;
  if (n_migrated + n_failed < ids->len)
    return;

  rotation->n_failed = n_failed;
  finish (file, n_failed > 0 ? BFY_ROTATION_PARTIAL : BFY_ROTATION_COMPLETED, now_s);
}

gboolean
bfy_vault_rotation_step (BfyVaultFile *file, gint64 now_s, GError **error)
{
  if (file->body->rotation.state == BFY_ROTATION_PENDING)
    return step_pending (file, now_s, error);
  if (bfy_rotation_is_running (file->body->rotation.state))
    step_migrating (file, now_s);

  return TRUE;
}

static gboolean
fail_rotation (const BfyVaultFile *file, const char *const *expected, GError **error)
{
  g_autoptr (BfyVaultUsage) usage = bfy_vault_usage_new (file);
  g_auto (GStrv) listed = bfy_vault_usage_fingerprints (file);
  g_autofree char *listed_text = g_strjoinv (", ", listed);
  g_autofree char *orphan_text = g_strjoinv (", ", usage->orphans);
  g_autofree char *expected_text = NULL;

  if (is_expected (file, expected))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
                   "The data keys were not changed: %u credentials need keys that the vault does "
                   "not have (%s); remove those bindings, or restore a backup first",
                   usage->n_orphaned, orphan_text);
      return FALSE;
    }

  expected_text = g_strjoinv (", ", (GStrv) expected);
  g_set_error (
      error, BFY_ERROR, BFY_ERROR_DENIED,
      "The data keys were not changed: the vault has %s, and %s was expected; see: bindify "
      "vault status",
      listed_text, expected_text);

  return FALSE;
}

gboolean
bfy_vault_rotation_check (const BfyVaultFile *file, const char *const *expected, GError **error)
{
  if (file->body->rotation.state == BFY_ROTATION_FAILED)
    return fail_rotation (file, expected, error);
  if (file->body->rotation.state != BFY_ROTATION_REJECTED)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                       "The data keys were not changed: old ones that nothing needs are still "
                       "there; see “bindify vault status”, and remove them with “bindify vault "
                       "remove-key FINGERPRINT” first");

  return FALSE;
}

static gboolean
find_key (const BfyVaultFile *file, const char *fingerprint, guint *index)
{
  for (guint i = 0; i < file->body->keys->len; i++)
    {
      const BfyVaultDataKey *data_key = g_ptr_array_index (file->body->keys, i);
      char text[BFY_BLOB_FINGERPRINT_SIZE];

      bfy_blob_key_id_to_text (data_key->id, text);
      if (g_ascii_strcasecmp (text, fingerprint) == 0)
        {
          *index = i;
          return TRUE;
        }
    }

  return FALSE;
}

gboolean
bfy_vault_rotation_remove_key (BfyVaultFile *file, const char *fingerprint, GError **error)
{
  g_autoptr (BfyVaultUsage) usage = bfy_vault_usage_new (file);
  guint index;

  if (!find_key (file, fingerprint, &index))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                           "The vault has no data key with that fingerprint; see: bindify vault "
                           "status");
      return FALSE;
    }
  if (file->body->keys->len == 1)
    {
      g_set_error_literal (
          error, BFY_ERROR, BFY_ERROR_DENIED,
          "This is the only data key of the vault; make another one first: bindify "
          "vault rotate");
      return FALSE;
    }
  if (usage->n_items[index] > 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
                   "%u of the credentials in the vault need this data key; run “bindify vault "
                   "rotate” first",
                   usage->n_items[index]);
      return FALSE;
    }
  if (index == file->body->keys->len - 1)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                           "This is the data key that new credentials are encrypted with; make "
                           "another one first: bindify vault rotate");
      return FALSE;
    }

  g_ptr_array_remove_index (file->body->keys, index);

  return TRUE;
}
