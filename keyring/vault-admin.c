/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What can be done to a vault as a whole, other than changing it. */

#include <string.h>

#include "keyring/vault-key-file.h"
#include "keyring/vault-private.h"
#include "keyring/vault-rotation.h"
#include "keyring/vault-usage.h"
#include "protocol/error.h"

/* How many damaged items are named. */
#define NAMED_MAX 5

static GArray *
slots_of (const BfyVaultHeader *header)
{
  GArray *slots = g_array_new (FALSE, FALSE, sizeof (BfyVaultSlot));

  for (guint i = 0; i < header->n_slots; i++)
    g_array_append_val (slots, header->slots[i].slot);

  return slots;
}

GArray *
bfy_vault_read_slots (GBytes *file, GError **error)
{
  g_autoptr (BfyVaultImage) image = bfy_vault_image_new (file, "the backup", error);

  return image != NULL ? slots_of (&image->header) : NULL;
}

static void
describe_keys (BfyVaultInfo *info, const BfyVaultFile *file)
{
  g_autoptr (BfyVaultUsage) usage = bfy_vault_usage_new (file);

  for (guint i = 0; i < file->body->keys->len; i++)
    {
      const BfyVaultDataKey *data_key = g_ptr_array_index (file->body->keys, i);
      BfyVaultKeyInfo key = { .is_active = i == file->body->keys->len - 1,
                              .n_items = usage->n_items[i] };

      G_STATIC_ASSERT (sizeof key.fingerprint == BFY_BLOB_FINGERPRINT_SIZE);
      bfy_blob_key_id_to_text (data_key->id, key.fingerprint);
      g_array_append_val (info->keys, key);
    }
  g_strfreev (info->orphans);
  info->orphans = g_steal_pointer (&usage->orphans);
}

static void
describe_file (BfyVaultInfo *info, const BfyVaultFile *file)
{
  const BfyVaultRotation *rotation = &file->body->rotation;

  info->state = BFY_KEYRING_READY;
  info->n_items = bfy_vault_file_n_items (file);
  info->rotation = rotation->state;
  info->n_migrated = rotation->n_migrated;
  info->n_left = bfy_rotation_is_running (rotation->state) ? bfy_vault_rotation_n_left (file)
                                                           : rotation->n_failed;
  describe_keys (info, file);
}

static void
describe_header (BfyVaultInfo *info, const BfyVaultHeader *header)
{
  info->format = header->format;
  info->generation = header->generation;
  g_array_unref (info->slots);
  info->slots = slots_of (header);
}

/* A file that is sound shows its slots even when it cannot be opened. */
static void
describe_closed (BfyVault *self, BfyVaultInfo *info, GError *problem)
{
  g_autoptr (BfySafeDirectory) directory = bfy_safe_directory_open (self->access->directory, NULL);
  g_autoptr (BfyVaultImage) image =
      directory != NULL ? bfy_vault_image_read (directory, NULL) : NULL;

  if (image != NULL)
    describe_header (info, &image->header);
  info->state = BFY_KEYRING_DAMAGED;
  if (g_error_matches (problem, BFY_ERROR, BFY_ERROR_LOCKED))
    info->state = BFY_KEYRING_LOCKED;
  if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      info->state = BFY_KEYRING_ABSENT;
      g_error_free (problem);
    }
  else
    info->problem = problem;
}

BfyVaultInfo *
bfy_vault_get_info (BfyVault *self)
{
  BfyVaultInfo *info = g_new0 (BfyVaultInfo, 1);
  g_autoptr (GError) error = NULL;
  const BfyVaultFile *file = bfy_vault_read_current (self, &error);

  info->path = g_build_filename (self->access->directory, BFY_VAULT_NAME, NULL);
  info->key_file = bfy_vault_key_file_dup_path (self->access);
  info->slots = g_array_new (FALSE, FALSE, sizeof (BfyVaultSlot));
  info->keys = g_array_new (FALSE, FALSE, sizeof (BfyVaultKeyInfo));
  info->orphans = g_new0 (char *, 1);
  if (file == NULL)
    {
      describe_closed (self, info, g_steal_pointer (&error));
      return info;
    }
  describe_header (info, &file->header);
  describe_file (info, file);

  return info;
}

void
bfy_vault_info_free (BfyVaultInfo *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->slots);
  g_array_unref (self->keys);
  g_strfreev (self->orphans);
  g_free (self->path);
  g_free (self->key_file);
  g_clear_error (&self->problem);
  g_free (self);
}

/* "There is no vault" instead of the path that is not there. */
static BfyVaultImage *
read_image (BfyVault *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (BfySafeDirectory) directory =
      bfy_safe_directory_open (self->access->directory, &local_error);
  BfyVaultImage *image = directory != NULL ? bfy_vault_image_read (directory, &local_error) : NULL;

  if (image != NULL)
    return image;

  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) && !self->is_known)
    g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                 "There is no vault in “%s”; make one: bindify vault init",
                 self->access->directory);
  else
    bfy_vault_propagate_absence (self, g_steal_pointer (&local_error), error);

  return NULL;
}

gboolean
bfy_vault_unlock (BfyVault *self, guint slot, const BfySecret *slot_key, GError **error)
{
  g_autoptr (BfyVaultImage) image = read_image (self, error);
  BfyVaultFile *file;

  if (image == NULL)
    return FALSE;
  if (bfy_secret_length (slot_key) != BFY_VAULT_KEY_BYTES)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "A slot's key has %d bytes",
                   BFY_VAULT_KEY_BYTES);
      return FALSE;
    }
  file = bfy_vault_access_open_slot (image, slot, slot_key, error);
  if (file == NULL)
    return FALSE;

  bfy_vault_remember (self, file, &image->status);
  self->has_tried_to_resume = FALSE;

  return TRUE;
}

void
bfy_vault_lock (BfyVault *self)
{
  bfy_vault_remember (self, NULL, NULL);
  bfy_vault_access_forget (self->access);
}

GBytes *
bfy_vault_backup (BfyVault *self, GError **error)
{
  g_autoptr (BfyVaultImage) image = read_image (self, error);

  return image != NULL ? g_bytes_ref (image->bytes) : NULL;
}

static BfyVaultFile *
open_afresh (BfyVault *self, GError **error)
{
  g_autoptr (BfyVaultImage) image = read_image (self, error);

  return image != NULL ? bfy_vault_access_open (self->access, image, error) : NULL;
}

static gboolean
copy_items (const BfyVaultFile *from, BfyVaultFile *to, GError **error)
{
  g_auto (GStrv) ids = bfy_vault_file_ids (from);

  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (BfySecret) secret = bfy_vault_file_get (from, ids[i], &local_error);

      if (secret == NULL)
        {
          g_propagate_prefixed_error (error, g_steal_pointer (&local_error),
                                      "Nothing was exported (binding id %s): ", ids[i]);
          return FALSE;
        }
      if (!bfy_vault_file_set (to, ids[i], secret, error))
        return FALSE;
    }

  return TRUE;
}

GBytes *
bfy_vault_export (BfyVault *self, const BfyKdf *kdf, const BfySecret *slot_key, GError **error)
{
  g_autoptr (BfyVaultFile) file = open_afresh (self, error);
  g_autoptr (BfyVaultFile) exported = file != NULL ? bfy_vault_file_new (error) : NULL;
  const BfyVaultSlot slot = { 1, BFY_VAULT_SLOT_PASSPHRASE, *kdf,
                              g_get_real_time () / G_USEC_PER_SEC };

  if (exported == NULL || !copy_items (file, exported, error) ||
      !bfy_vault_file_set_slot (exported, &slot, slot_key, error))
    return NULL;

  return bfy_vault_file_seal (exported, 1, error);
}

gboolean
bfy_vault_verify (BfyVault *self, GError **error)
{
  g_autoptr (BfyVaultFile) file = open_afresh (self, error);
  g_auto (GStrv) ids = file != NULL ? bfy_vault_file_ids (file) : NULL;
  g_autoptr (GString) damaged = g_string_new (NULL);
  guint n_damaged = 0;

  if (file == NULL)
    return FALSE;

  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr (BfySecret) secret = bfy_vault_file_get (file, ids[i], NULL);

      if (secret != NULL)
        continue;
      if (n_damaged++ < NAMED_MAX)
        g_string_append_printf (damaged, "%s%s", damaged->len > 0 ? ", " : "", ids[i]);
    }
  if (n_damaged == 0)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
               "%u of the %u credentials in the vault cannot be opened (binding ids %s%s); enter "
               "them again (bindify login NAME), or bring the vault back from a backup (bindify "
               "vault restore FILE)",
               n_damaged, bfy_vault_file_n_items (file), damaged->str,
               n_damaged > NAMED_MAX ? ", …" : "");

  return FALSE;
}
