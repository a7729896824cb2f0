/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/refresh-lock.h"

#include "agent/oauth/recovery-file.h"
#include "protocol/error.h"

static char *
choose_folder (BfyAgent *agent, const BfyBinding *binding, GError **error)
{
  BfyKeyring *keyring = bfy_credentials_find_keyring (agent->credentials, binding, error);

  if (keyring == NULL)
    return NULL;
  if (g_str_equal (bfy_keyring_get_name (keyring), BFY_KEYRING_VAULT))
    return bfy_keyring_dup_place (keyring);

  return g_build_filename (agent->state_dir, BFY_RECOVERY_DIRECTORY, NULL);
}

static char *
name_file (const BfyBinding *binding)
{
  return g_strdup_printf ("refresh-%s.lock", binding->id);
}

static gboolean
is_needless (const BfyBinding *binding)
{
  return g_str_equal (binding->keyring, BFY_KEYRING_MEMORY) ||
         !g_uuid_string_is_valid (binding->id);
}

BfySafeLock *
bfy_refresh_lock_try (BfyAgent *agent, const BfyBinding *binding, GError **error)
{
  g_autofree char *name = name_file (binding);
  g_autofree char *folder = NULL;
  g_autoptr (BfySafeDirectory) directory = NULL;

  if (is_needless (binding))
    return NULL;
  folder = choose_folder (agent, binding, error);
  if (folder == NULL)
    return NULL;
  directory = bfy_safe_directory_create (folder, error);

  return directory != NULL ? bfy_safe_lock_try (directory, name, error) : NULL;
}

void
bfy_refresh_lock_remove (BfyAgent *agent, const BfyBinding *binding)
{
  g_autofree char *name = name_file (binding);
  g_autofree char *folder = NULL;
  g_autoptr (BfySafeDirectory) directory = NULL;
  g_autoptr (BfySafeFile) file = NULL;
  g_autoptr (GError) error = NULL;

  if (is_needless (binding))
    return;
  folder = choose_folder (agent, binding, NULL);
  directory = folder != NULL ? bfy_safe_directory_open (folder, NULL) : NULL;
  file = directory != NULL ? bfy_safe_file_open (directory, name, NULL) : NULL;
  if (file != NULL && !bfy_safe_directory_remove (directory, name, &error))
    g_info ("The lock file of “%s” stays: %s", binding->name, error->message);
}
