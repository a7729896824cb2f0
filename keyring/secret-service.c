/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/secret-service.h"

#include "keyring/secret-connection.h"
#include "keyring/secret-run.h"
#include "keyring/secret-unlock.h"
#include "protocol/error.h"

struct _BfySecretService
{
  GObject parent_instance;

  BfySecretConnection *connection; /* (owned) */
  BfySecretUnlock *unlock;         /* (owned) */
};

static void keyring_interface_init (BfyKeyringInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BfySecretService,
                               bfy_secret_service,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BFY_TYPE_KEYRING, keyring_interface_init))

BfyKeyring *
bfy_secret_service_new (const char *collection)
{
  BfySecretService *self = g_object_new (BFY_TYPE_SECRET_SERVICE, NULL);

  self->connection = bfy_secret_connection_new (collection);
  self->unlock = bfy_secret_unlock_new (self->connection);

  return BFY_KEYRING (self);
}

static const char *
desktop_get_name (BfyKeyring *keyring)
{
  return BFY_KEYRING_SECRET_SERVICE;
}

static void
desktop_store_async (BfyKeyring *keyring,
                     const char *id,
                     BfySecret *secret,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  BfySecretService *self = BFY_SECRET_SERVICE (keyring);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, desktop_store_async);
  bfy_secret_call_begin (self->connection, task, id, secret, bfy_secret_run_store);
}

static gboolean
desktop_store_finish (BfyKeyring *keyring, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, desktop_store_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
desktop_lookup_async (BfyKeyring *keyring,
                      const char *id,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  BfySecretService *self = BFY_SECRET_SERVICE (keyring);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, desktop_lookup_async);
  bfy_secret_call_begin (self->connection, task, id, NULL, bfy_secret_run_lookup);
}

static BfySecret *
desktop_lookup_finish (BfyKeyring *keyring, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, desktop_lookup_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
desktop_remove_async (BfyKeyring *keyring,
                      const char *id,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  BfySecretService *self = BFY_SECRET_SERVICE (keyring);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, desktop_remove_async);
  bfy_secret_call_begin (self->connection, task, id, NULL, bfy_secret_run_remove);
}

static gboolean
desktop_remove_finish (BfyKeyring *keyring, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, desktop_remove_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
desktop_list_async (BfyKeyring *keyring,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  BfySecretService *self = BFY_SECRET_SERVICE (keyring);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, desktop_list_async);
  bfy_secret_call_begin (self->connection, task, NULL, NULL, bfy_secret_run_list);
}

static GStrv
desktop_list_finish (BfyKeyring *keyring, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, desktop_list_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
desktop_check_async (BfyKeyring *keyring,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  BfySecretService *self = BFY_SECRET_SERVICE (keyring);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, desktop_check_async);
  bfy_secret_call_begin (self->connection, task, NULL, NULL, bfy_secret_run_check);
}

/* That no service answers is, here, an answer. A collection that is not there is none: see
 * bfy_secret_run_check(). */
static gboolean
desktop_check_finish (BfyKeyring *keyring,
                      GAsyncResult *result,
                      BfyKeyringState *state,
                      GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gssize number;

  g_return_val_if_fail (g_async_result_is_tagged (result, desktop_check_async), FALSE);

  number = g_task_propagate_int (G_TASK (result), &local_error);
  if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE))
    {
      *state = BFY_KEYRING_ABSENT;
      return TRUE;
    }
  if (local_error != NULL)
    {
      *state = BFY_KEYRING_DAMAGED;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  *state = (BfyKeyringState) number;
  if (*state != BFY_KEYRING_DAMAGED)
    return TRUE;

  g_propagate_error (error, g_error_copy (g_task_get_task_data (G_TASK (result))));

  return FALSE;
}

static void
on_unlocked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (bfy_secret_unlock_finish (BFY_SECRET_UNLOCK (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_located (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfySecretService *self = BFY_SECRET_SERVICE (source);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_task_propagate_pointer (G_TASK (result), &error);

  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (path == NULL)
    g_task_return_boolean (task, TRUE);
  else
    {
      GCancellable *cancellable = g_task_get_cancellable (task);

      bfy_secret_unlock_async (self->unlock, path, cancellable, on_unlocked,
                               g_steal_pointer (&task));
    }
}

static void
desktop_unlock_async (BfyKeyring *keyring,
                      const char *id,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  BfySecretService *self = BFY_SECRET_SERVICE (keyring);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, desktop_unlock_async);
  g_task_set_check_cancellable (task, FALSE);
  bfy_secret_call_begin (self->connection, g_task_new (self, cancellable, on_located, task), id,
                         NULL, bfy_secret_run_locate);
}

static gboolean
desktop_unlock_finish (BfyKeyring *keyring, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, desktop_unlock_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Only what was locked can be opened: a path is never missing here. */
static void
on_locked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfySecretService *self = BFY_SECRET_SERVICE (source);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_task_propagate_pointer (G_TASK (result), &error);

  if (path == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    bfy_secret_unlock_async (self->unlock, path, cancellable, on_unlocked, g_steal_pointer (&task));
}

void
bfy_secret_service_prove_async (BfySecretService *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, bfy_secret_service_prove_async);
  g_task_set_check_cancellable (task, FALSE);
  bfy_secret_call_begin (self->connection, g_task_new (self, cancellable, on_locked, task), NULL,
                         NULL, bfy_secret_run_lock);
}

gboolean
bfy_secret_service_prove_finish (BfySecretService *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, bfy_secret_service_prove_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
bfy_secret_service_find_prompter_async (BfySecretService *self,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, bfy_secret_service_find_prompter_async);
  bfy_secret_call_begin (self->connection, task, NULL, NULL, bfy_secret_run_find_prompter);
}

gboolean
bfy_secret_service_find_prompter_finish (BfySecretService *self,
                                         GAsyncResult *result,
                                         GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, bfy_secret_service_find_prompter_async),
                        FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static char *
desktop_dup_place (BfyKeyring *keyring)
{
  return g_strdup ("the desktop's keyring, default collection");
}

static void
bfy_secret_service_finalize (GObject *object)
{
  BfySecretService *self = BFY_SECRET_SERVICE (object);

  g_clear_object (&self->unlock);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (bfy_secret_service_parent_class)->finalize (object);
}

static void
keyring_interface_init (BfyKeyringInterface *interface)
{
  interface->get_name = desktop_get_name;
  interface->store_async = desktop_store_async;
  interface->store_finish = desktop_store_finish;
  interface->lookup_async = desktop_lookup_async;
  interface->lookup_finish = desktop_lookup_finish;
  interface->remove_async = desktop_remove_async;
  interface->remove_finish = desktop_remove_finish;
  interface->list_async = desktop_list_async;
  interface->list_finish = desktop_list_finish;
  interface->check_async = desktop_check_async;
  interface->check_finish = desktop_check_finish;
  interface->unlock_async = desktop_unlock_async;
  interface->unlock_finish = desktop_unlock_finish;
  interface->dup_place = desktop_dup_place;
}

static void
bfy_secret_service_class_init (BfySecretServiceClass *class)
{
  G_OBJECT_CLASS (class)->finalize = bfy_secret_service_finalize;
}

static void
bfy_secret_service_init (BfySecretService *self)
{
}
