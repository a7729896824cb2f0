/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/vault-key-file.h"

#include <gio/gio.h>

#include "protocol/error.h"

#define KEY_NAME "vault.key"
#define WAY_OUT                                                                                    \
  "nothing was changed; put back " BFY_VAULT_NAME " and " KEY_NAME                                 \
  " from one backup, or move both away and log in again"

static BfySafeDirectory *
open_directory (const BfyVaultAccess *access, char **name, GError **error)
{
  g_autofree char *path = NULL;

  if (access->key_file == NULL)
    {
      *name = g_strdup (KEY_NAME);
      return bfy_safe_directory_open (access->directory, error);
    }

  path = g_path_get_dirname (access->key_file);
  *name = g_path_get_basename (access->key_file);

  return bfy_safe_directory_open_foreign (path, error);
}

static BfySecret *
read_key (BfySafeDirectory *directory, const char *name, GError **error)
{
  g_autoptr (BfySafeFile) file = bfy_safe_file_open (directory, name, error);
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

static BfySecret *
make_key (BfySafeDirectory *directory, const char *name, GError **error)
{
  g_autoptr (BfySecret) key = bfy_cipher_random_secret (BFY_VAULT_KEY_BYTES, error);

  if (key == NULL || !bfy_safe_directory_create_file (directory, name, bfy_secret_peek (key, NULL),
                                                      BFY_VAULT_KEY_BYTES, error))
    return NULL;

  return g_steal_pointer (&key);
}

/* A writer killed at the right moment leaves a key under two names. */
BfySecret *
bfy_vault_key_file_read (const BfyVaultAccess *access, gboolean may_make, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *name = NULL;
  g_autoptr (BfySafeDirectory) directory = open_directory (access, &name, error);
  BfySecret *key;

  if (directory == NULL)
    return NULL;
  if (may_make && access->key_file == NULL)
    bfy_safe_directory_clean (directory, name);
  key = read_key (directory, name, &local_error);
  if (key != NULL)
    return key;
  if (may_make && g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return make_key (directory, name, error);

  g_propagate_error (error, g_steal_pointer (&local_error));

  return NULL;
}

gboolean
bfy_vault_key_file_is_wrong (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ||
         g_error_matches (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED) ||
         g_error_matches (error, BFY_ERROR, BFY_ERROR_DENIED);
}

void
bfy_vault_key_file_explain (const char *vault_path, const GError *cause, GError **error)
{
  g_autofree char *clause = NULL;

  if (g_error_matches (cause, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED) &&
      g_str_has_suffix (cause->message, WAY_OUT))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED, cause->message);
      return;
    }
  if (!g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    clause = g_strdup (g_error_matches (cause, BFY_ERROR, BFY_ERROR_DENIED)
                           ? "it was written with another key"
                           : cause->message);
  else if (strstr (cause->message, "/" KEY_NAME) != NULL)
    clause = g_strdup ("its key, " KEY_NAME ", is missing");
  else
    clause = g_strdup_printf ("its key is missing: %s", cause->message);

  g_set_error (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED,
               "The vault “%s” cannot be used: %s; " WAY_OUT, vault_path, clause);
}

gboolean
bfy_vault_key_file_remove (const BfyVaultAccess *access, GError **error)
{
  g_autofree char *name = NULL;
  g_autoptr (BfySafeDirectory) directory = open_directory (access, &name, error);

  return directory != NULL && bfy_safe_directory_remove (directory, name, error);
}

char *
bfy_vault_key_file_dup_path (const BfyVaultAccess *access)
{
  return access->key_file != NULL ? g_strdup (access->key_file)
                                  : g_build_filename (access->directory, KEY_NAME, NULL);
}
