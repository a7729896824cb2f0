/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/memory.h"

#include "protocol/error.h"

struct _BfyMemory
{
  GObject parent_instance;

  GTree *secrets; /* (owned) (element-type utf8 BfySecret) sorted by id */
};

static void keyring_interface_init (BfyKeyringInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BfyMemory,
                               bfy_memory,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BFY_TYPE_KEYRING, keyring_interface_init))

BfyKeyring *
bfy_memory_new (void)
{
  return g_object_new (BFY_TYPE_MEMORY, NULL);
}

static int
compare_ids (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (a, b);
}

static void
return_missing (GTask *task)
{
  g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING,
                           "The memory keyring holds no such credential");
}

static const char *
memory_get_name (BfyKeyring *keyring)
{
  return BFY_KEYRING_MEMORY;
}

static void
memory_store_async (BfyKeyring *keyring,
                    const char *id,
                    BfySecret *secret,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  BfyMemory *self = BFY_MEMORY (keyring);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, memory_store_async);
  if (g_task_return_error_if_cancelled (task))
    return;

  g_tree_replace (self->secrets, g_strdup (id), bfy_secret_ref (secret));
  g_task_return_boolean (task, TRUE);
}

static gboolean
memory_store_finish (BfyKeyring *keyring, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, memory_store_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
memory_lookup_async (BfyKeyring *keyring,
                     const char *id,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  BfyMemory *self = BFY_MEMORY (keyring);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  BfySecret *secret = g_tree_lookup (self->secrets, id);

  g_task_set_source_tag (task, memory_lookup_async);
  if (g_task_return_error_if_cancelled (task))
    return;

  if (secret == NULL)
    return_missing (task);
  else
    g_task_return_pointer (task, bfy_secret_ref (secret), (GDestroyNotify) bfy_secret_unref);
}

static BfySecret *
memory_lookup_finish (BfyKeyring *keyring, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, memory_lookup_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
memory_remove_async (BfyKeyring *keyring,
                     const char *id,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  BfyMemory *self = BFY_MEMORY (keyring);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, memory_remove_async);
  if (g_task_return_error_if_cancelled (task))
    return;

  if (g_tree_remove (self->secrets, id))
    g_task_return_boolean (task, TRUE);
  else
    return_missing (task);
}

static gboolean
memory_remove_finish (BfyKeyring *keyring, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, memory_remove_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
collect_id (gpointer id, gpointer secret, gpointer user_data)
{
  g_strv_builder_add (user_data, id);

  return FALSE;
}

static void
memory_list_async (BfyKeyring *keyring,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  BfyMemory *self = BFY_MEMORY (keyring);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();

  g_task_set_source_tag (task, memory_list_async);
  g_tree_foreach (self->secrets, collect_id, ids);
  g_task_return_pointer (task, g_strv_builder_end (ids), (GDestroyNotify) g_strfreev);
}

static GStrv
memory_list_finish (BfyKeyring *keyring, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, memory_list_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
memory_check_async (BfyKeyring *keyring,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (keyring, cancellable, callback, user_data);

  g_task_set_source_tag (task, memory_check_async);
  g_task_return_boolean (task, TRUE);
}

static gboolean
memory_check_finish (BfyKeyring *keyring,
                     GAsyncResult *result,
                     BfyKeyringState *state,
                     GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, memory_check_async), FALSE);

  *state = BFY_KEYRING_READY;

  return g_task_propagate_boolean (G_TASK (result), error);
}

static char *
memory_dup_place (BfyKeyring *keyring)
{
  return g_strdup ("the agent's memory, until it stops");
}

static void
bfy_memory_finalize (GObject *object)
{
  BfyMemory *self = BFY_MEMORY (object);

  g_tree_unref (self->secrets);

  G_OBJECT_CLASS (bfy_memory_parent_class)->finalize (object);
}

static void
keyring_interface_init (BfyKeyringInterface *interface)
{
  interface->get_name = memory_get_name;
  interface->store_async = memory_store_async;
  interface->store_finish = memory_store_finish;
  interface->lookup_async = memory_lookup_async;
  interface->lookup_finish = memory_lookup_finish;
  interface->remove_async = memory_remove_async;
  interface->remove_finish = memory_remove_finish;
  interface->list_async = memory_list_async;
  interface->list_finish = memory_list_finish;
  interface->check_async = memory_check_async;
  interface->check_finish = memory_check_finish;
  interface->dup_place = memory_dup_place;
}

static void
bfy_memory_class_init (BfyMemoryClass *class)
{
  G_OBJECT_CLASS (class)->finalize = bfy_memory_finalize;
}

static void
bfy_memory_init (BfyMemory *self)
{
  self->secrets = g_tree_new_full (compare_ids, NULL, g_free, (GDestroyNotify) bfy_secret_unref);
}
