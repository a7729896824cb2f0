/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Where the lock is that stands between us and a credential. An item says by its path in which
 * collection it lies; attributes are answered even by a keyring that was never unlocked. */

#include "keyring/secret-match.h"
#include "keyring/secret-run.h"

static void
return_path (BfySecretCall *call, char *path)
{
  if (bfy_secret_call_end (call))
    g_task_return_pointer (call->task, path, g_free);
  else
    g_free (path);
}

static void
on_collection (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  g_autofree char *path = NULL;
  GError *error = NULL;

  switch (bfy_secret_collection_ask_finish (result, &path, &error))
    {
    case BFY_SECRET_COLLECTION_LOCKED:
      return_path (call, g_steal_pointer (&path));
      break;
    case BFY_SECRET_COLLECTION_UNLOCKED:
    case BFY_SECRET_COLLECTION_ABSENT:
      return_path (call, NULL);
      break;
    case BFY_SECRET_COLLECTION_UNKNOWN:
    case BFY_SECRET_COLLECTION_FAILED:
      bfy_secret_call_fail (call, error);
      break;
    }
}

static void
on_paths (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  g_auto (GStrv) unlocked = NULL;
  g_auto (GStrv) locked = NULL;
  GError *error = NULL;

  if (!secret_service_search_for_dbus_paths_finish (SECRET_SERVICE (source), result, &unlocked,
                                                    &locked, &error))
    bfy_secret_call_fail (call, error);
  else if (call->is_over)
    return;
  else if (locked != NULL && locked[0] != NULL)
    return_path (call, g_path_get_dirname (locked[0]));
  else if (unlocked != NULL && unlocked[0] != NULL)
    return_path (call, NULL);
  else
    bfy_secret_run_ask_collection (call, on_collection);
}

void
bfy_secret_run_locate (BfySecretCall *call)
{
  g_autoptr (GHashTable) attributes = bfy_secret_match_attributes (call->id);

  if (call->id == NULL)
    bfy_secret_run_ask_collection (call, on_collection);
  else
    secret_service_search_for_dbus_paths (call->service, &bfy_secret_schema, attributes,
                                          call->cancellable, on_paths, bfy_secret_call_ref (call));
}
