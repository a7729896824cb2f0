/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Three files in one directory: vault.bfy (vault-header.c, vault-body.c), vault.key (the secret of
 * its key file slot, 32 random bytes) and vault.lock (empty, held while writing).
 *
 * Reading takes no lock: a reader sees the old file or the new one, never half of one. What was
 * read is kept, its items encrypted, until the file on disk is another. Every write holds the lock,
 * makes sure that it knows the file as it is, and puts a changed one in its place; so no writer,
 * here or in another process, undoes the work of one before it. Writes that find the lock taken
 * stand in line (vault-line.h).
 *
 * A key file is made only where there is none, and it is on the disk before a vault is written that
 * needs it. A vault without its key, or one that cannot be understood, is left alone: every call
 * fails and says so (behaviour 12.6, 12.7). */

#include "keyring/vault.h"

#include "keyring/safe-file.h"
#include "keyring/vault-private.h"
#include "protocol/error.h"

G_STATIC_ASSERT (BFY_KEYRING_ID_BYTES_MAX <= BFY_VAULT_ITEM_ID_BYTES_MAX);
G_STATIC_ASSERT (BFY_KEYRING_SECRET_BYTES_MAX <= BFY_BLOB_PLAIN_BYTES_MAX);

static void keyring_interface_init (BfyKeyringInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BfyVault,
                               bfy_vault,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BFY_TYPE_KEYRING, keyring_interface_init))

BfyKeyring *
bfy_vault_new (const char *directory)
{
  BfyVault *self = g_object_new (BFY_TYPE_VAULT, NULL);

  self->access = bfy_vault_access_new (directory);

  return BFY_KEYRING (self);
}

void
bfy_vault_set_key_file (BfyVault *self, const char *path)
{
  g_free (self->access->key_file);
  self->access->key_file = g_strdup (path);
}

void
bfy_vault_set_systemd_credential (BfyVault *self, BfySecret *credential)
{
  g_clear_pointer (&self->access->credential, bfy_secret_unref);
  self->access->credential = credential != NULL ? bfy_secret_ref (credential) : NULL;
}

/* An empty vault under nothing but a key file is what the next store would make. */
static gboolean
is_worth_missing (const BfyVaultFile *file)
{
  return bfy_vault_file_n_items (file) > 0 || file->header.n_slots != 1 ||
         file->header.slots[0].slot.kind != BFY_VAULT_SLOT_KEY_FILE;
}

void
bfy_vault_remember (BfyVault *self, BfyVaultFile *file, const struct stat *status)
{
  g_clear_pointer (&self->file, bfy_vault_file_free);
  self->file = file;
  if (file == NULL)
    return;

  self->status = *status;
  self->is_known = is_worth_missing (file);
  bfy_vault_access_remember (self->access, file);
}

void
bfy_vault_propagate_absence (BfyVault *self, GError *absent, GError **error)
{
  if (!g_error_matches (absent, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) || !self->is_known)
    {
      g_propagate_error (error, absent);
      return;
    }

  g_set_error (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED,
               "The vault in “%s” held credentials and has disappeared; put it back, or start "
               "bindify-agent again to begin a new one",
               self->access->directory);
  g_error_free (absent);
}

static void
read_anew (BfyVault *self, BfySafeDirectory *directory, GError **error)
{
  g_autoptr (BfyVaultImage) image = bfy_vault_image_read (directory, error);
  BfyVaultFile *file;

  if (image == NULL)
    return;

  self->is_known = TRUE;
  file = bfy_vault_access_open (self->access, image, error);
  if (file != NULL)
    bfy_vault_remember (self, file, &image->status);
}

BfyVaultFile *
bfy_vault_read_current (BfyVault *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (BfySafeDirectory) directory =
      bfy_safe_directory_open (self->access->directory, &local_error);

  if (directory != NULL && self->file != NULL &&
      bfy_vault_disk_is_unchanged (directory, self->file->header.generation, &self->status))
    return self->file;

  bfy_vault_remember (self, NULL, NULL);
  if (directory != NULL)
    read_anew (self, directory, &local_error);
  if (self->file == NULL)
    bfy_vault_propagate_absence (self, g_steal_pointer (&local_error), error);

  return self->file;
}

static const char *
vault_get_name (BfyKeyring *keyring)
{
  return BFY_KEYRING_VAULT;
}

static void
vault_store_async (BfyKeyring *keyring,
                   const char *id,
                   BfySecret *secret,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  GTask *task = g_task_new (keyring, cancellable, callback, user_data);

  g_task_set_source_tag (task, vault_store_async);
  bfy_vault_begin_write (BFY_VAULT (keyring), task, id, secret);
}

static gboolean
vault_store_finish (BfyKeyring *keyring, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, vault_store_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
vault_remove_async (BfyKeyring *keyring,
                    const char *id,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  GTask *task = g_task_new (keyring, cancellable, callback, user_data);

  g_task_set_source_tag (task, vault_remove_async);
  bfy_vault_begin_write (BFY_VAULT (keyring), task, id, NULL);
}

static gboolean
vault_remove_finish (BfyKeyring *keyring, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, vault_remove_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
vault_lookup_async (BfyKeyring *keyring,
                    const char *id,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  BfyVault *self = BFY_VAULT (keyring);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;
  BfyVaultFile *file = bfy_vault_read_current (self, &error);
  BfySecret *secret = file != NULL ? bfy_vault_file_get (file, id, &error) : NULL;

  g_task_set_source_tag (task, vault_lookup_async);
  if (file != NULL)
    bfy_vault_resume_rotation (self);

  if (secret != NULL)
    g_task_return_pointer (task, secret, (GDestroyNotify) bfy_secret_unref);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE,
                             "There is no vault in “%s”; it is made with the first credential",
                             self->access->directory);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static BfySecret *
vault_lookup_finish (BfyKeyring *keyring, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, vault_lookup_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
vault_list_async (BfyKeyring *keyring,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (keyring, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;
  BfyVaultFile *file = bfy_vault_read_current (BFY_VAULT (keyring), &error);

  g_task_set_source_tag (task, vault_list_async);
  if (file != NULL)
    g_task_return_pointer (task, bfy_vault_file_ids (file), (GDestroyNotify) g_strfreev);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_task_return_pointer (task, g_new0 (char *, 1), (GDestroyNotify) g_strfreev);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static GStrv
vault_list_finish (BfyKeyring *keyring, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, vault_list_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
vault_check_async (BfyKeyring *keyring,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (keyring, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, vault_check_async);
  if (bfy_vault_read_current (BFY_VAULT (keyring), &error) != NULL)
    g_task_return_int (task, BFY_KEYRING_READY);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_task_return_int (task, BFY_KEYRING_ABSENT);
  else if (g_error_matches (error, BFY_ERROR, BFY_ERROR_LOCKED))
    g_task_return_int (task, BFY_KEYRING_LOCKED);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static gboolean
vault_check_finish (BfyKeyring *keyring,
                    GAsyncResult *result,
                    BfyKeyringState *state,
                    GError **error)
{
  gssize number;

  g_return_val_if_fail (g_async_result_is_tagged (result, vault_check_async), FALSE);

  number = g_task_propagate_int (G_TASK (result), error);
  *state = number < 0 ? BFY_KEYRING_DAMAGED : (BfyKeyringState) number;

  return number >= 0;
}

static void
vault_forget (BfyKeyring *keyring)
{
  bfy_vault_lock (BFY_VAULT (keyring));
}

static char *
vault_dup_place (BfyKeyring *keyring)
{
  return g_strdup (BFY_VAULT (keyring)->access->directory);
}

static void
bfy_vault_finalize (GObject *object)
{
  BfyVault *self = BFY_VAULT (object);

  bfy_vault_line_free (self->line);
  g_clear_pointer (&self->file, bfy_vault_file_free);
  bfy_vault_access_free (self->access);

  G_OBJECT_CLASS (bfy_vault_parent_class)->finalize (object);
}

static void
keyring_interface_init (BfyKeyringInterface *interface)
{
  interface->get_name = vault_get_name;
  interface->store_async = vault_store_async;
  interface->store_finish = vault_store_finish;
  interface->lookup_async = vault_lookup_async;
  interface->lookup_finish = vault_lookup_finish;
  interface->remove_async = vault_remove_async;
  interface->remove_finish = vault_remove_finish;
  interface->list_async = vault_list_async;
  interface->list_finish = vault_list_finish;
  interface->check_async = vault_check_async;
  interface->check_finish = vault_check_finish;
  interface->forget = vault_forget;
  interface->dup_place = vault_dup_place;
}

static void
bfy_vault_class_init (BfyVaultClass *class)
{
  G_OBJECT_CLASS (class)->finalize = bfy_vault_finalize;
}

static void
bfy_vault_init (BfyVault *self)
{
  self->line = bfy_vault_line_new (bfy_vault_take_turn);
}
