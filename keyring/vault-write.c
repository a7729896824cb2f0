/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Every write of a vault, one turn each under the lock: stores, removes, and the changes of
 * vault.h. A rotation takes many turns, with other writes between them. */

#include "keyring/safe-file.h"
#include "keyring/vault-private.h"
#include "keyring/vault-rotation.h"
#include "protocol/error.h"

#define LOCK_NAME "vault.lock"

/* Task data. */
typedef struct
{
  char *id;                 /* (owned) (nullable) of a store or remove */
  BfySecret *secret;        /* (owned) (nullable) NULL removes */
  BfyVaultChangeCopy *copy; /* (owned) (nullable) any other change */
  guint slot;               /* that was made or replaced */

  gboolean has_begun; /* a rotation: a step is on the disk */
  gboolean is_running;
  GError *refusal; /* (owned) (nullable) of a rotation, on the disk like any other state */
} Write;

static void
write_free (gpointer data)
{
  Write *self = data;

  g_free (self->id);
  g_clear_pointer (&self->secret, bfy_secret_unref);
  bfy_vault_change_copy_free (self->copy);
  g_clear_error (&self->refusal);
  g_free (self);
}

static const BfyVaultChange *
change_of (const Write *write)
{
  return write->copy != NULL ? &write->copy->change : NULL;
}

static gboolean
has_op (const Write *write, BfyVaultOp op)
{
  return write->copy != NULL && write->copy->change.op == op;
}

static gboolean
makes_vault (const Write *write)
{
  return write->secret != NULL || has_op (write, BFY_VAULT_INIT) ||
         has_op (write, BFY_VAULT_RESTORE);
}

/* (transfer full) The vault as it is, to be changed; what we know of it is taken out of @self, and
 * comes back only when the change is on the disk. */
static BfyVaultFile *
take_current (BfyVault *self, GError **error)
{
  if (bfy_vault_read_current (self, error) == NULL)
    return NULL;

  return g_steal_pointer (&self->file);
}

static BfyVaultFile *
make_first (BfyVault *self, const Write *write, GError **error)
{
  static const BfyVaultChange with_key_file = { .op = BFY_VAULT_INIT,
                                                .kind = BFY_VAULT_SLOT_KEY_FILE };

  return bfy_vault_change_init (self->access,
                                write->copy != NULL ? change_of (write) : &with_key_file, error);
}

static BfyVaultFile *
take_or_make (BfyVault *self, const Write *write, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (BfyVaultFile) file = take_current (self, &local_error);

  if (has_op (write, BFY_VAULT_INIT) &&
      (file != NULL || g_error_matches (local_error, BFY_ERROR, BFY_ERROR_LOCKED)))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_EXISTS,
                   "There is a vault in “%s” already; see: bindify vault status",
                   self->access->directory);
      return NULL;
    }
  if (file != NULL)
    return g_steal_pointer (&file);
  if (makes_vault (write) && g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return make_first (self, write, error);

  g_propagate_error (error, g_steal_pointer (&local_error));

  return NULL;
}

static gboolean
rotate (BfyVaultFile *file, Write *write, GError **error)
{
  const char *const *expected = change_of (write)->expected;
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  const BfyVaultRotation *rotation = &file->body->rotation;
  gboolean ok = TRUE;

  if (bfy_rotation_is_running (rotation->state))
    ok = bfy_vault_rotation_step (file, now_s, error);
  else
    bfy_vault_rotation_begin (file, expected, now_s);
  write->is_running = bfy_rotation_is_running (rotation->state);
  g_clear_error (&write->refusal);
  if (!write->is_running)
    (void) !bfy_vault_rotation_check (file, expected, &write->refusal);

  return ok;
}

static gboolean
apply (
    BfyVault *self, BfyVaultFile *file, Write *write, BfyVaultSlotRecord *removed, GError **error)
{
  if (write->secret != NULL)
    return bfy_vault_file_set (file, write->id, write->secret, error);
  if (write->copy == NULL && !bfy_vault_file_remove (file, write->id))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING,
                           "The vault holds no such credential");
      return FALSE;
    }
  if (write->copy == NULL)
    return TRUE;

  switch (write->copy->change.op)
    {
    case BFY_VAULT_INIT:
      write->slot = file->header.slots[0].slot.number;
      return TRUE;
    case BFY_VAULT_RESTORE:
      return TRUE;
    case BFY_VAULT_ROTATE:
      return rotate (file, write, error);
    case BFY_VAULT_ADD_SLOT:
    case BFY_VAULT_REPLACE_SLOT:
    case BFY_VAULT_REMOVE_SLOT:
    case BFY_VAULT_REMOVE_KEY:
      break;
    }

  return bfy_vault_change_apply (file, self->access, change_of (write), &write->slot, removed,
                                 error);
}

/* Somebody may write without asking for the lock: a file that is not the one we changed is not
 * replaced (craft E06). Asked when the new file is on the disk, just before it gets its name. */
static gboolean
check_still_there (BfyVault *self,
                   BfySafeDirectory *directory,
                   const BfyVaultFile *file,
                   const Write *write,
                   GError **error)
{
  if (has_op (write, BFY_VAULT_RESTORE) || file->header.generation == 0 ||
      bfy_vault_disk_is_unchanged (directory, file->header.generation, &self->status))
    return TRUE;

  bfy_safe_directory_clean (directory, BFY_VAULT_NAME);
  g_set_error (error, BFY_ERROR, BFY_ERROR_IN_USE,
               "Another program is writing to the vault in “%s”", self->access->directory);

  return FALSE;
}

/* Takes @file. */
static gboolean
write_file (BfyVault *self,
            BfySafeDirectory *directory,
            BfyVaultFile *file,
            const Write *write,
            GError **error)
{
  g_autoptr (BfyVaultFile) owned = file;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) bytes = bfy_vault_file_seal (file, file->header.generation + 1, &local_error);
  struct stat status;

  if (bytes == NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "The vault cannot grow: ");
      return FALSE;
    }
  if (!bfy_vault_disk_prepare (directory, bytes, error) ||
      !check_still_there (self, directory, file, write, error) ||
      !bfy_vault_disk_commit (directory, &status, error))
    return FALSE;

  file->header.generation++;
  file->header.format = BFY_VAULT_FORMAT;
  bfy_vault_remember (self, g_steal_pointer (&owned), &status);

  return TRUE;
}

static BfyVaultFile *
obtain (BfyVault *self, BfySafeDirectory *directory, Write *write, GError **error)
{
  if (has_op (write, BFY_VAULT_RESTORE))
    return bfy_vault_change_restore (directory, self->access, change_of (write), error);

  return take_or_make (self, write, error);
}

/* A rotation that another process finished meanwhile has nothing left to write. */
static gboolean
is_finished_already (const Write *write, const BfyVaultFile *file)
{
  return has_op (write, BFY_VAULT_ROTATE) && write->has_begun &&
         !bfy_rotation_is_running (file->body->rotation.state);
}

static gboolean
write_locked (BfyVault *self, BfySafeDirectory *directory, Write *write, GError **error)
{
  g_autoptr (BfyVaultFile) file = obtain (self, directory, write, error);
  BfyVaultSlotRecord removed = { 0 };

  if (file == NULL)
    return FALSE;
  if (is_finished_already (write, file))
    {
      write->is_running = FALSE;
      return TRUE;
    }
  if (!apply (self, file, write, &removed, error) ||
      !write_file (self, directory, g_steal_pointer (&file), write, error))
    return FALSE;
  write->has_begun = TRUE;
  if (removed.slot.kind != BFY_VAULT_SLOT_KEY_FILE)
    return TRUE;

  return bfy_vault_access_remove_key_file (self->access, self->file, &removed, error);
}

static gboolean
try_write (BfyVault *self, Write *write, GError **error)
{
  g_autoptr (BfySafeDirectory) directory =
      makes_vault (write) ? bfy_safe_directory_create (self->access->directory, error)
                          : bfy_safe_directory_open (self->access->directory, error);
  g_autoptr (BfySafeLock) lock =
      directory != NULL ? bfy_safe_lock_try (directory, LOCK_NAME, error) : NULL;

  return lock != NULL && write_locked (self, directory, write, error);
}

/* Whoever makes no vault can find nothing at all. */
gboolean
bfy_vault_take_turn (GTask *task, GError **error)
{
  BfyVault *self = g_task_get_source_object (task);
  Write *write = g_task_get_task_data (task);
  g_autoptr (GError) local_error = NULL;

  if (try_write (self, write, &local_error))
    return TRUE;

  if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) || self->is_known)
    bfy_vault_propagate_absence (self, g_steal_pointer (&local_error), error);
  else if (write->copy == NULL)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING,
                         "The vault holds no such credential");
  else
    g_set_error (error, BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE,
                 "There is no vault in “%s”; make one: bindify vault init",
                 self->access->directory);

  return FALSE;
}

void
bfy_vault_begin_write (BfyVault *self, GTask *task, const char *id, BfySecret *secret)
{
  Write *write = g_new0 (Write, 1);

  write->id = g_strdup (id);
  write->secret = secret != NULL ? bfy_secret_ref (secret) : NULL;
  g_task_set_task_data (task, write, write_free);
  bfy_vault_line_add (self->line, task);
}

static void add_rotation_step (BfyVault *self, GTask *task);

/* @user_data owns the rotation's task, whose data the steps share. */
static void
on_rotation_step (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfyVault *self = BFY_VAULT (source);
  Write *write = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gboolean is_done = g_task_propagate_boolean (G_TASK (result), &error);

  if (is_done && write->is_running)
    {
      add_rotation_step (self, g_steal_pointer (&task));
      return;
    }

  self->is_rotating = FALSE;
  if (!is_done)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (write->refusal != NULL)
    g_task_return_error (task, g_steal_pointer (&write->refusal));
  else
    g_task_return_boolean (task, TRUE);
}

/* Takes @task. */
static void
add_rotation_step (BfyVault *self, GTask *task)
{
  GTask *step = g_task_new (self, g_task_get_cancellable (task), on_rotation_step, task);

  g_task_set_task_data (step, g_task_get_task_data (task), NULL);
  bfy_vault_line_add (self->line, step);
}

void
bfy_vault_change_async (BfyVault *self,
                        const BfyVaultChange *change,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Write *write = g_new0 (Write, 1);

  write->copy = bfy_vault_change_copy (change);
  g_task_set_source_tag (task, bfy_vault_change_async);
  g_task_set_task_data (task, write, write_free);
  if (change->op != BFY_VAULT_ROTATE)
    {
      bfy_vault_line_add (self->line, task);
      return;
    }

  g_task_set_check_cancellable (task, FALSE);
  self->is_rotating = TRUE;
  add_rotation_step (self, task);
}

gboolean
bfy_vault_change_finish (BfyVault *self, GAsyncResult *result, guint *slot, GError **error)
{
  const Write *write;

  g_return_val_if_fail (g_async_result_is_tagged (result, bfy_vault_change_async), FALSE);

  write = g_task_get_task_data (G_TASK (result));
  if (slot != NULL)
    *slot = write->slot;

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_resumed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (bfy_vault_change_finish (BFY_VAULT (source), result, NULL, &error))
    g_message ("The change of the vault's data key, which had been interrupted, is finished");
  else
    g_warning ("The change of the vault's data key cannot go on: %s", error->message);
}

void
bfy_vault_resume_rotation (BfyVault *self)
{
  static const BfyVaultChange change = { .op = BFY_VAULT_ROTATE };

  if (self->is_rotating || self->has_tried_to_resume ||
      !bfy_rotation_is_running (self->file->body->rotation.state))
    return;

  self->has_tried_to_resume = TRUE;
  bfy_vault_change_async (self, &change, NULL, on_resumed, NULL);
}
