/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Locks the collection, so that whoever opens it again shows that its password is known to them. */

#include "keyring/secret-run.h"
#include "protocol/error.h"

/* Being told that it worked is not enough. */
static void
on_state (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  g_autofree char *path = NULL;
  GError *error = NULL;
  BfySecretCollectionState state = bfy_secret_collection_ask_finish (result, &path, &error);

  if (error != NULL)
    bfy_secret_call_fail (call, error);
  else if (state != BFY_SECRET_COLLECTION_LOCKED)
    bfy_secret_call_fail (call, g_error_new_literal (BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE,
                                                     "The desktop’s keyring does not lock, so its "
                                                     "password opens nothing here"));
  else if (bfy_secret_call_end (call))
    g_task_return_pointer (call->task, g_steal_pointer (&path), g_free);
}

static void
on_locked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  g_auto (GStrv) locked = NULL;
  GError *error = NULL;

  if (secret_service_lock_dbus_paths_finish (SECRET_SERVICE (source), result, &locked, &error) < 0)
    bfy_secret_call_fail (call, error);
  else
    bfy_secret_run_ask_collection (call, on_state);
}

static void
on_collection (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  g_autofree char *path = NULL;
  GError *error = NULL;
  BfySecretCollectionState state = bfy_secret_collection_ask_finish (result, &path, &error);
  const char *paths[] = { path, NULL };

  if (error != NULL)
    bfy_secret_call_fail (call, error);
  else if (state == BFY_SECRET_COLLECTION_ABSENT)
    bfy_secret_call_fail (call, g_error_new_literal (BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE,
                                                     "The desktop has no keyring yet"));
  else
    secret_service_lock_dbus_paths (call->service, paths, call->cancellable, on_locked,
                                    bfy_secret_call_ref (call));
}

void
bfy_secret_run_lock (BfySecretCall *call)
{
  bfy_secret_run_ask_collection (call, on_collection);
}
