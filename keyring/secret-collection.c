/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/secret-collection.h"

#define COLLECTION_INTERFACE "org.freedesktop.Secret.Collection"
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

/* On a first login the alias names a collection that does not exist yet. */
static gboolean
says_no_such_object (const GError *error)
{
  return g_error_matches (error, SECRET_ERROR, SECRET_ERROR_NO_SUCH_OBJECT) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE);
}

static void
on_locked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) value = NULL;

  if (says_no_such_object (error))
    {
      g_task_return_int (task, BFY_SECRET_COLLECTION_ABSENT);
      return;
    }
  if (reply == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  g_variant_get (reply, "(v)", &value);
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    g_task_return_new_error (task, SECRET_ERROR, SECRET_ERROR_PROTOCOL,
                             "The keyring does not say whether it is locked");
  else
    g_task_return_int (task, g_variant_get_boolean (value) ? BFY_SECRET_COLLECTION_LOCKED
                                                           : BFY_SECRET_COLLECTION_UNLOCKED);
}

static void
on_alias (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SecretService *service = SECRET_SERVICE (source);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GError) error = NULL;
  char *path = secret_service_read_alias_dbus_path_finish (service, result, &error);

  if (error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (path == NULL)
    {
      g_task_return_int (task, BFY_SECRET_COLLECTION_ABSENT);
      return;
    }

  g_task_set_task_data (task, path, g_free);
  g_dbus_connection_call (
      g_dbus_proxy_get_connection (G_DBUS_PROXY (service)),
      g_dbus_proxy_get_name (G_DBUS_PROXY (service)), path, PROPERTIES_INTERFACE, "Get",
      g_variant_new ("(ss)", COLLECTION_INTERFACE, "Locked"), G_VARIANT_TYPE ("(v)"),
      G_DBUS_CALL_FLAGS_NONE, -1, cancellable, on_locked, g_steal_pointer (&task));
}

void
bfy_secret_collection_ask_async (SecretService *service,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = g_task_new (service, cancellable, callback, user_data);

  g_task_set_source_tag (task, bfy_secret_collection_ask_async);
  secret_service_read_alias_dbus_path (service, "default", cancellable, on_alias, task);
}

BfySecretCollectionState
bfy_secret_collection_ask_finish (GAsyncResult *result, char **path, GError **error)
{
  GTask *task = G_TASK (result);
  gssize state;

  g_return_val_if_fail (g_async_result_is_tagged (result, bfy_secret_collection_ask_async),
                        BFY_SECRET_COLLECTION_FAILED);

  state = g_task_propagate_int (task, error);
  if (path != NULL)
    *path = state >= 0 && state != BFY_SECRET_COLLECTION_ABSENT
                ? g_strdup (g_task_get_task_data (task))
                : NULL;

  return (BfySecretCollectionState) state;
}
