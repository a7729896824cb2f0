/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/vault-disk.h"

#include <gio/gio.h>
#include <openssl/rand.h>

#include "protocol/error.h"

#define VAULT_NAME "vault.bfy"
#define KEY_NAME "vault.key"
#define WAY_OUT                                                                                    \
  "nothing was changed; put back " VAULT_NAME " and " KEY_NAME                                     \
  " from one backup, or move both away and log in again"

static BfySecret *
read_key (BfySafeDirectory *directory, GError **error)
{
  g_autoptr (BfySafeFile) file = bfy_safe_file_open (directory, KEY_NAME, error);
  g_autoptr (BfySecret) key = NULL;
  guint8 *bytes;
  gssize n_read;

  if (file == NULL)
    return NULL;

  key = bfy_secret_new_blank (BFY_VAULT_KEY_BYTES, &bytes);
  n_read = bfy_safe_file_read (file, bytes, BFY_VAULT_KEY_BYTES, error);
  if (n_read < 0)
    return NULL;
  if (n_read != BFY_VAULT_KEY_BYTES || file->status.st_size != BFY_VAULT_KEY_BYTES)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED,
                   "The key of the vault, “%s”, does not have its %d bytes; " WAY_OUT, file->path,
                   BFY_VAULT_KEY_BYTES);
      return NULL;
    }

  return g_steal_pointer (&key);
}

/* The key is not there: for a vault that is, that is a loss and not a reason to make one. */
static BfySecret *
read_key_of_vault (BfySafeDirectory *directory, const char *vault_path, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  BfySecret *key = read_key (directory, &local_error);

  if (key != NULL)
    return key;

  if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&local_error));
  else
    g_set_error (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED,
                 "The vault “%s” cannot be used: its key, " KEY_NAME ", is missing; " WAY_OUT,
                 vault_path);

  return NULL;
}

static BfySecret *
make_key (BfySafeDirectory *directory, GError **error)
{
  guint8 *bytes;
  g_autoptr (BfySecret) key = bfy_secret_new_blank (BFY_VAULT_KEY_BYTES, &bytes);

  if (RAND_bytes (bytes, BFY_VAULT_KEY_BYTES) != 1)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED,
                           "No random numbers are to be had for a vault key");
      return NULL;
    }
  if (!bfy_safe_directory_create_file (directory, KEY_NAME, bytes, BFY_VAULT_KEY_BYTES, error))
    return NULL;

  return g_steal_pointer (&key);
}

/* Gives the clauses of vault-file.c a subject and a way out. */
static void
explain (const char *path, GError *cause, GError **error)
{
  g_set_error (error, BFY_ERROR, bfy_error_code (cause),
               cause->code == BFY_ERROR_VAULT_DAMAGED
                   ? "The vault “%s” cannot be used: %s; " WAY_OUT
                   : "The vault “%s” cannot be used: %s",
               path, cause->message);
}

static gboolean
read_bytes (BfySafeFile *file, guint8 **bytes, gsize *length, GError **error)
{
  gsize size = (gsize) MIN (file->status.st_size, BFY_VAULT_FILE_BYTES_MAX + 1);
  g_autofree guint8 *buffer = g_malloc (size);
  gssize n_read = bfy_safe_file_read (file, buffer, size, error);

  if (n_read < 0)
    return FALSE;

  *bytes = g_steal_pointer (&buffer);
  *length = (gsize) n_read;

  return TRUE;
}

BfyVaultFile *
bfy_vault_disk_read (BfySafeDirectory *directory, struct stat *status, GError **error)
{
  g_autoptr (BfySafeFile) file = bfy_safe_file_open (directory, VAULT_NAME, error);
  g_autoptr (BfySecret) key = NULL;
  g_autoptr (GError) local_error = NULL;
  g_autofree guint8 *bytes = NULL;
  BfyVaultFile *vault;
  gsize length;

  if (file == NULL)
    return NULL;
  key = read_key_of_vault (directory, file->path, error);
  if (key == NULL || !read_bytes (file, &bytes, &length, error))
    return NULL;

  vault = bfy_vault_file_open (bytes, length, key, &local_error);
  if (vault == NULL)
    explain (file->path, local_error, error);
  *status = file->status;

  return vault;
}

/* The generation closes the gap that a file system with coarse clocks and quick reuse of inode
 * numbers leaves. */
gboolean
bfy_vault_disk_is_unchanged (BfySafeDirectory *directory,
                             const BfyVaultFile *vault,
                             const struct stat *status)
{
  g_autoptr (BfySafeFile) file = bfy_safe_file_open (directory, VAULT_NAME, NULL);
  guint8 header[BFY_VAULT_HEADER_BYTES];
  guint64 generation;
  gssize n_read;

  if (file == NULL || file->status.st_dev != status->st_dev ||
      file->status.st_ino != status->st_ino || file->status.st_size != status->st_size ||
      file->status.st_mtim.tv_sec != status->st_mtim.tv_sec ||
      file->status.st_mtim.tv_nsec != status->st_mtim.tv_nsec ||
      file->status.st_ctim.tv_sec != status->st_ctim.tv_sec ||
      file->status.st_ctim.tv_nsec != status->st_ctim.tv_nsec)
    return FALSE;

  n_read = bfy_safe_file_read (file, header, sizeof header, NULL);

  return n_read > 0 && bfy_vault_file_peek_generation (header, (gsize) n_read, &generation) &&
         generation == bfy_vault_file_get_generation (vault);
}

/* Of a vault that was never written. A writer killed at the right moment leaves a key without a
 * vault, and under two names. */
static BfySecret *
read_first_key (BfySafeDirectory *directory, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  BfySecret *key = NULL;

  bfy_safe_directory_clean (directory, KEY_NAME);
  key = read_key (directory, &local_error);
  if (key != NULL)
    return key;
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return make_key (directory, error);

  g_propagate_error (error, g_steal_pointer (&local_error));

  return NULL;
}

gboolean
bfy_vault_disk_write (BfySafeDirectory *directory, const BfyVaultFile *vault, GError **error)
{
  guint64 generation = bfy_vault_file_get_generation (vault);
  g_autoptr (BfySecret) key =
      generation == 0 ? read_first_key (directory, error) : read_key (directory, error);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) local_error = NULL;
  gconstpointer data;
  gsize length;

  if (key == NULL)
    return FALSE;
  bytes = bfy_vault_file_seal (vault, key, generation + 1, &local_error);
  if (bytes == NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "The vault cannot grow: ");
      return FALSE;
    }

  data = g_bytes_get_data (bytes, &length);

  return bfy_safe_directory_replace (directory, VAULT_NAME, data, length, error);
}
