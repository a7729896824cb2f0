/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/recovery-file.h"

#include <gio/gio.h>
#include <string.h>

#include "keyring/keyring.h"
#include "keyring/safe-file.h"
#include "protocol/blob.h"
#include "protocol/error.h"

#define UNNAMED_SUFFIX ".new" /* see keyring/safe-file.h */
#define RECORD_BYTES_MAX (BFY_BLOB_OVERHEAD_BYTES + BFY_KEYRING_SECRET_BYTES_MAX)

static BfySafeDirectory *
open_directory (const char *state_dir, GError **error)
{
  g_autofree char *path = g_build_filename (state_dir, BFY_RECOVERY_DIRECTORY, NULL);

  return bfy_safe_directory_open (path, error);
}

/* Only ids that we made are names of files. */
static gboolean
check_id (const char *binding_id, GError **error)
{
  if (g_uuid_string_is_valid (binding_id))
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       "A binding's id is not one of ours");

  return FALSE;
}

static BfySafeDirectory *
create_directory (const char *state_dir, GError **error)
{
  g_autofree char *path = g_build_filename (state_dir, BFY_RECOVERY_DIRECTORY, NULL);

  return bfy_safe_directory_create (path, error);
}

gboolean
bfy_recovery_file_prepare (const char *state_dir, GError **error)
{
  g_autoptr (BfySafeDirectory) directory = create_directory (state_dir, error);

  return directory != NULL;
}

gboolean
bfy_recovery_file_write (const char *state_dir,
                         const char *binding_id,
                         GBytes *record,
                         GError **error)
{
  g_autoptr (BfySafeDirectory) directory = NULL;
  gsize length;
  gconstpointer bytes = g_bytes_get_data (record, &length);

  if (!check_id (binding_id, error))
    return FALSE;
  directory = create_directory (state_dir, error);

  return directory != NULL &&
         bfy_safe_directory_replace (directory, binding_id, bytes, length, error);
}

static GBytes *
read_record (const char *state_dir, const char *name, GError **error)
{
  g_autoptr (BfySafeDirectory) directory = open_directory (state_dir, error);
  g_autoptr (BfySafeFile) file = NULL;
  g_autofree guint8 *bytes = NULL;
  gssize length;

  if (directory == NULL)
    return NULL;
  file = bfy_safe_file_open (directory, name, error);
  if (file == NULL)
    return NULL;
  if (file->status.st_size > RECORD_BYTES_MAX)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
                           "The recovery record is longer than it can be");
      return NULL;
    }

  length = (gssize) file->status.st_size;
  bytes = g_malloc ((gsize) length + 1);
  length = bfy_safe_file_read (file, bytes, (gsize) length, error);

  return length >= 0 ? g_bytes_new_take (g_steal_pointer (&bytes), (gsize) length) : NULL;
}

GBytes *
bfy_recovery_file_read (const char *state_dir, const char *binding_id, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  GBytes *record;

  if (!check_id (binding_id, error))
    return NULL;
  record = read_record (state_dir, binding_id, &local_error);
  if (record == NULL && !g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&local_error));

  return record;
}

GBytes *
bfy_recovery_file_read_unnamed (const char *state_dir, const char *binding_id)
{
  g_autofree char *name = g_strconcat (binding_id, UNNAMED_SUFFIX, NULL);

  return check_id (binding_id, NULL) ? read_record (state_dir, name, NULL) : NULL;
}

gboolean
bfy_recovery_file_name (const char *state_dir, const char *binding_id, GError **error)
{
  g_autoptr (BfySafeDirectory) directory = NULL;

  if (!check_id (binding_id, error))
    return FALSE;
  directory = open_directory (state_dir, error);

  return directory != NULL && bfy_safe_directory_commit (directory, binding_id, error);
}

/* TRUE also when it is not there. */
static gboolean
remove_file (BfySafeDirectory *directory, const char *name, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (BfySafeFile) file = bfy_safe_file_open (directory, name, &local_error);

  if (file != NULL)
    return bfy_safe_directory_remove (directory, name, error);
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}

gboolean
bfy_recovery_file_remove (const char *state_dir, const char *binding_id, GError **error)
{
  g_autofree char *unnamed = g_strconcat (binding_id, UNNAMED_SUFFIX, NULL);
  g_autoptr (BfySafeDirectory) directory = NULL;
  g_autoptr (GError) local_error = NULL;

  if (!check_id (binding_id, error))
    return FALSE;
  directory = open_directory (state_dir, &local_error);
  if (directory != NULL)
    return remove_file (directory, unnamed, error) && remove_file (directory, binding_id, error);
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}

GStrv
bfy_recovery_file_list (const char *state_dir)
{
  g_autofree char *path = g_build_filename (state_dir, BFY_RECOVERY_DIRECTORY, NULL);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char **names = NULL;
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *id = g_strdup (name);

      if (g_str_has_suffix (id, UNNAMED_SUFFIX))
        id[strlen (id) - sizeof UNNAMED_SUFFIX + 1] = '\0';
      if (g_uuid_string_is_valid (id))
        g_hash_table_add (ids, g_steal_pointer (&id));
    }

  names = (char **) g_hash_table_get_keys_as_array (ids, NULL);

  return g_strdupv (names);
}
