/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/vault-disk.h"

#include <gio/gio.h>

#include "protocol/error.h"

#define WAY_OUT                                                                                    \
  "nothing was changed; bring it back from a backup (bindify vault restore FILE), or move it and " \
  "its key, vault.key, away and log in again"

void
bfy_vault_disk_explain (const char *path, const GError *cause, GError **error)
{
  g_set_error (error, BFY_ERROR, bfy_error_code (cause),
               g_error_matches (cause, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED)
                   ? "The vault “%s” cannot be used: %s; " WAY_OUT
                   : "The vault “%s” cannot be used: %s",
               path, cause->message);
}

void
bfy_vault_image_free (BfyVaultImage *self)
{
  if (self == NULL)
    return;

  g_bytes_unref (self->bytes);
  g_free (self->path);
  g_free (self);
}

BfyVaultImage *
bfy_vault_image_new (GBytes *bytes, const char *path, GError **error)
{
  g_autoptr (BfyVaultImage) self = g_new0 (BfyVaultImage, 1);
  g_autoptr (GError) local_error = NULL;
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  self->bytes = g_bytes_ref (bytes);
  self->path = g_strdup (path);
  if (bfy_vault_header_read (data, length, &self->header, &local_error))
    return g_steal_pointer (&self);

  bfy_vault_disk_explain (path, local_error, error);

  return NULL;
}

static GBytes *
read_bytes (BfySafeFile *file, GError **error)
{
  gsize size = (gsize) file->status.st_size;
  g_autofree guint8 *buffer = g_malloc (size);
  gssize n_read = bfy_safe_file_read (file, buffer, size, error);

  if (n_read < 0)
    return NULL;

  return g_bytes_new_take (g_steal_pointer (&buffer), (gsize) n_read);
}

BfyVaultImage *
bfy_vault_image_read (BfySafeDirectory *directory, GError **error)
{
  g_autoptr (BfySafeFile) file = bfy_safe_file_open (directory, BFY_VAULT_NAME, error);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  BfyVaultImage *self;

  if (file == NULL)
    return NULL;
  if (!bfy_vault_header_check_length ((guint64) file->status.st_size, &local_error))
    {
      bfy_vault_disk_explain (file->path, local_error, error);
      return NULL;
    }
  bytes = read_bytes (file, error);
  self = bytes != NULL ? bfy_vault_image_new (bytes, file->path, error) : NULL;
  if (self != NULL)
    self->status = file->status;

  return self;
}

/* The generation closes the gap that a file system with coarse clocks and quick reuse of inode
 * numbers leaves. */
gboolean
bfy_vault_disk_is_unchanged (BfySafeDirectory *directory,
                             guint64 generation,
                             const struct stat *status)
{
  g_autoptr (BfySafeFile) file = bfy_safe_file_open (directory, BFY_VAULT_NAME, NULL);
  guint8 beginning[BFY_VAULT_PEEK_BYTES];
  guint64 found;
  gssize n_read;

  if (file == NULL || file->status.st_dev != status->st_dev ||
      file->status.st_ino != status->st_ino || file->status.st_size != status->st_size ||
      file->status.st_mtim.tv_sec != status->st_mtim.tv_sec ||
      file->status.st_mtim.tv_nsec != status->st_mtim.tv_nsec ||
      file->status.st_ctim.tv_sec != status->st_ctim.tv_sec ||
      file->status.st_ctim.tv_nsec != status->st_ctim.tv_nsec)
    return FALSE;

  n_read = bfy_safe_file_read (file, beginning, sizeof beginning, NULL);

  return n_read > 0 && bfy_vault_header_peek_generation (beginning, (gsize) n_read, &found) &&
         found == generation;
}

gboolean
bfy_vault_disk_prepare (BfySafeDirectory *directory, GBytes *bytes, GError **error)
{
  gsize length;
  gconstpointer data = g_bytes_get_data (bytes, &length);

  return bfy_safe_directory_prepare (directory, BFY_VAULT_NAME, data, length, error);
}

gboolean
bfy_vault_disk_commit (BfySafeDirectory *directory, struct stat *status, GError **error)
{
  g_autoptr (BfySafeFile) file = NULL;

  if (!bfy_safe_directory_commit (directory, BFY_VAULT_NAME, error))
    return FALSE;

  memset (status, 0, sizeof *status); /* matches no file: the next who asks reads */
  file = bfy_safe_file_open (directory, BFY_VAULT_NAME, NULL);
  if (file != NULL)
    *status = file->status;

  return TRUE;
}
