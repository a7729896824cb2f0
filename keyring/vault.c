/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Three files in one directory: vault.bfy (vault-file.c), vault.key (its key, 32 random bytes) and
 * vault.lock (empty, held while writing).
 *
 * Reading takes no lock: a reader sees the old file or the new one, never half of one. What was
 * read is kept until the file on disk is another. Every write holds the lock, reads the vault anew
 * and puts the changed one in its place; so no writer, here or in another process, undoes the work
 * of one before it. Writes that find the lock taken stand in line (vault-line.h).
 *
 * A key is made only where neither key nor vault is, and it is on the disk before a vault is
 * written with it. A vault without its key, or one that cannot be understood, is left alone: every
 * call fails and says so (behaviour 12.6, 12.7). */

#include "keyring/vault.h"

#include "keyring/safe-file.h"
#include "keyring/vault-disk.h"
#include "keyring/vault-file.h"
#include "keyring/vault-line.h"
#include "protocol/error.h"

#define LOCK_NAME "vault.lock"

G_STATIC_ASSERT (BFY_KEYRING_ID_BYTES_MAX <= BFY_VAULT_ID_BYTES_MAX);
G_STATIC_ASSERT (BFY_KEYRING_SECRET_BYTES_MAX <= BFY_VAULT_SECRET_BYTES_MAX);

struct _BfyVault
{
  GObject parent_instance;

  char *directory;    /* (owned) */
  BfyVaultFile *file; /* (owned) (nullable) what vault.bfy held when it had … */
  struct stat status; /* … this status */
  gboolean has_items; /* as last seen: then a vault that is gone is a loss, not a beginning */

  BfyVaultLine *line; /* (owned) */
};

/* Task data of a store or remove. */
typedef struct
{
  char *id;          /* (owned) */
  BfySecret *secret; /* (owned) (nullable) NULL removes */
} Write;

static void keyring_interface_init (BfyKeyringInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BfyVault,
                               bfy_vault,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BFY_TYPE_KEYRING, keyring_interface_init))

BfyKeyring *
bfy_vault_new (const char *directory)
{
  BfyVault *self = g_object_new (BFY_TYPE_VAULT, NULL);

  self->directory = g_strdup (directory);

  return BFY_KEYRING (self);
}

static void
write_free (gpointer data)
{
  Write *self = data;

  g_free (self->id);
  g_clear_pointer (&self->secret, bfy_secret_unref);
  g_free (self);
}

static void
remember (BfyVault *self, BfyVaultFile *file)
{
  g_clear_pointer (&self->file, bfy_vault_file_free);
  self->file = file;
  if (file != NULL)
    self->has_items = bfy_vault_file_n_items (file) > 0;
}

/* @absent is a “not found” from below; it stays one only as long as nothing was ever there. */
static void
propagate_absence (BfyVault *self, GError *absent, GError **error)
{
  if (!g_error_matches (absent, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) || !self->has_items)
    {
      g_propagate_error (error, absent);
      return;
    }

  g_set_error (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED,
               "The vault in “%s” held credentials and has disappeared; put it back, or start "
               "bindify-agent again to begin a new one",
               self->directory);
  g_error_free (absent);
}

/* Borrowed. G_IO_ERROR_NOT_FOUND when there is no vault and we know of none. */
static BfyVaultFile *
read_current (BfyVault *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (BfySafeDirectory) directory = bfy_safe_directory_open (self->directory, &local_error);

  if (directory != NULL && self->file != NULL &&
      bfy_vault_disk_is_unchanged (directory, self->file, &self->status))
    return self->file;

  remember (self, NULL);
  if (directory != NULL)
    remember (self, bfy_vault_disk_read (directory, &self->status, &local_error));
  if (self->file == NULL)
    propagate_absence (self, g_steal_pointer (&local_error), error);

  return self->file;
}

static BfyVaultFile *
read_for_change (BfyVault *self, BfySafeDirectory *directory, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  struct stat status;
  BfyVaultFile *file = bfy_vault_disk_read (directory, &status, &local_error);

  if (file != NULL)
    return file;
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) && !self->has_items)
    return bfy_vault_file_new ();

  propagate_absence (self, g_steal_pointer (&local_error), error);

  return NULL;
}

static void
set_missing (GError **error)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING,
                       "The vault holds no such credential");
}

static gboolean
apply (BfyVaultFile *file, const Write *write, GError **error)
{
  if (write->secret != NULL)
    {
      bfy_vault_file_set (file, write->id, write->secret);
      return TRUE;
    }
  if (bfy_vault_file_remove (file, write->id))
    return TRUE;

  set_missing (error);

  return FALSE;
}

/* What was written is forgotten here and read back by the next who asks. */
static gboolean
try_write (BfyVault *self, const Write *write, GError **error)
{
  g_autoptr (BfySafeDirectory) directory = write->secret != NULL
                                               ? bfy_safe_directory_create (self->directory, error)
                                               : bfy_safe_directory_open (self->directory, error);
  g_autoptr (BfySafeLock) lock = NULL;
  g_autoptr (BfyVaultFile) file = NULL;

  if (directory == NULL)
    return FALSE;
  lock = bfy_safe_lock_try (directory, LOCK_NAME, error);
  if (lock == NULL)
    return FALSE;
  file = read_for_change (self, directory, error);
  if (file == NULL || !apply (file, write, error))
    return FALSE;

  remember (self, NULL);
  if (!bfy_vault_disk_write (directory, file, error))
    return FALSE;
  self->has_items = bfy_vault_file_n_items (file) > 0;

  return TRUE;
}

/* Only a remove can find nothing at all. */
static gboolean
take_turn (GTask *task, GError **error)
{
  BfyVault *self = g_task_get_source_object (task);
  g_autoptr (GError) local_error = NULL;

  if (try_write (self, g_task_get_task_data (task), &local_error))
    return TRUE;

  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) && !self->has_items)
    set_missing (error);
  else
    propagate_absence (self, g_steal_pointer (&local_error), error);

  return FALSE;
}

static void
begin_write (BfyVault *self, GTask *task, const char *id, BfySecret *secret)
{
  Write *write = g_new0 (Write, 1);

  write->id = g_strdup (id);
  write->secret = secret != NULL ? bfy_secret_ref (secret) : NULL;
  g_task_set_task_data (task, write, write_free);
  bfy_vault_line_add (self->line, task);
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
  begin_write (BFY_VAULT (keyring), task, id, secret);
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
  begin_write (BFY_VAULT (keyring), task, id, NULL);
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
  BfyVaultFile *file = read_current (self, &error);
  BfySecret *secret = file != NULL ? bfy_vault_file_get (file, id) : NULL;

  g_task_set_source_tag (task, vault_lookup_async);
  if (file != NULL && secret == NULL)
    set_missing (&error);

  if (secret != NULL)
    g_task_return_pointer (task, bfy_secret_ref (secret), (GDestroyNotify) bfy_secret_unref);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE,
                             "There is no vault in “%s”; it is made with the first credential",
                             self->directory);
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
  BfyVaultFile *file = read_current (BFY_VAULT (keyring), &error);

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
  if (read_current (BFY_VAULT (keyring), &error) != NULL)
    g_task_return_int (task, BFY_KEYRING_READY);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_task_return_int (task, BFY_KEYRING_ABSENT);
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
  remember (BFY_VAULT (keyring), NULL);
}

static char *
vault_dup_place (BfyKeyring *keyring)
{
  return g_strdup (BFY_VAULT (keyring)->directory);
}

static void
bfy_vault_finalize (GObject *object)
{
  BfyVault *self = BFY_VAULT (object);

  bfy_vault_line_free (self->line);
  g_clear_pointer (&self->file, bfy_vault_file_free);
  g_free (self->directory);

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
  self->line = bfy_vault_line_new (take_turn);
}
