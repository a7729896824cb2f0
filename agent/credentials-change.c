/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What changes a keyring item: storing, which reads back and compares before it reports success,
 * and removing. The binding is held meanwhile, so that no two change it at once. */

#include "agent/credentials-private.h"

typedef struct
{
  BfyCredentials *self;          /* (owned) */
  BfyBinding *binding;           /* (owned) (nullable) that we hold */
  BfyKeyring *keyring;           /* (owned) */
  char *id;                      /* (owned) */
  BfySecret *sealed;             /* (owned) */
  BfyCredential *credential;     /* (owned) (nullable) moves into the cache */
  BfySealedCredential *envelope; /* (owned) (nullable) instead of that */
} Store;

/* Before the task is answered: whoever hears of it may want to change the item again at once. */
static void
let_go (Store *store)
{
  if (store->binding != NULL)
    bfy_credentials_release (store->self, store->binding);
  g_clear_pointer (&store->binding, bfy_binding_unref);
}

static void
store_free (gpointer user_data)
{
  Store *store = user_data;

  let_go (store);
  g_clear_object (&store->self);
  g_clear_object (&store->keyring);
  g_free (store->id);
  g_clear_pointer (&store->sealed, bfy_secret_unref);
  g_clear_pointer (&store->credential, bfy_credential_free);
  g_clear_pointer (&store->envelope, bfy_sealed_credential_free);
  g_free (store);
}

static void
on_read_back (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfyCredentials *self = g_task_get_source_object (task);
  Store *store = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (BfySecret) sealed = bfy_keyring_lookup_finish (BFY_KEYRING (source), result, &error);

  let_go (store);
  bfy_credentials_forget_if_locked (self);
  if (sealed == NULL)
    {
      g_prefix_error_literal (&error, "Reading the stored credential back: ");
      g_task_return_error (task, error);
      return;
    }
  if (!bfy_secret_equal (sealed, store->sealed))
    {
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
                               "The keyring gave back something else than was stored");
      return;
    }

  if (store->envelope != NULL && !self->is_locked)
    g_hash_table_replace (self->envelopes, g_strdup (store->id),
                          g_steal_pointer (&store->envelope));
  else if (!self->is_locked)
    bfy_credentials_put (self, store->id, g_steal_pointer (&store->credential));
  g_task_return_boolean (task, TRUE);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Store *store = g_task_get_task_data (task);
  GError *error = NULL;

  if (!bfy_keyring_store_finish (BFY_KEYRING (source), result, &error))
    {
      let_go (store);
      bfy_credentials_forget_if_locked (store->self);
      g_task_return_error (task, error);
      return;
    }

  bfy_keyring_lookup_async (store->keyring, store->id, NULL, on_read_back, g_steal_pointer (&task));
}

/* Takes over both. */
static void
begin_store (GTask *owned_task, Store *store, BfyBinding *binding)
{
  g_autoptr (GTask) task = owned_task;
  BfyCredentials *self = g_task_get_source_object (task);
  GError *error = NULL;
  BfyKeyring *keyring;

  g_task_set_task_data (task, store, store_free);
  store->id = g_strdup (binding->id);
  store->self = g_object_ref (self);
  keyring = bfy_keyrings_find (self->keyrings, binding->keyring, &error);
  /* Whoever edits an envelope holds it already. */
  if (keyring == NULL || (store->envelope == NULL && !bfy_credentials_hold (self, binding, &error)))
    {
      g_task_return_error (task, error);
      return;
    }

  if (store->envelope == NULL)
    store->binding = bfy_binding_ref (binding);
  store->keyring = g_object_ref (keyring);
  bfy_keyring_store_async (keyring, store->id, store->sealed, NULL, on_stored,
                           g_steal_pointer (&task));
}

void
bfy_credentials_store_async (BfyCredentials *self,
                             BfyBinding *binding,
                             BfyCredential *credential,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Store *store = g_new0 (Store, 1);

  g_task_set_source_tag (task, bfy_credentials_store_async);
  store->credential = credential;
  store->sealed = bfy_credential_seal (credential);
  begin_store (task, store, binding);
}

void
bfy_credentials_store_sealed_async (BfyCredentials *self,
                                    BfyBinding *binding,
                                    BfySealedCredential *envelope,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Store *store = g_new0 (Store, 1);

  g_task_set_source_tag (task, bfy_credentials_store_sealed_async);
  store->envelope = envelope;
  store->sealed = bfy_sealed_credential_to_item (envelope);
  begin_store (task, store, binding);
}

gboolean
bfy_credentials_store_finish (BfyCredentials *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfyCredentials *self = g_task_get_source_object (task);
  const BfyBinding *held = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gboolean is_gone = bfy_keyring_remove_finish (BFY_KEYRING (source), result, &error) ||
                     g_error_matches (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING);

  /* Before the task is answered, as in let_go(). */
  if (held != NULL)
    bfy_credentials_release (self, held);
  bfy_credentials_forget_if_locked (self);
  if (is_gone)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* Takes over @task, whose data is the binding that it has to release. */
static void
begin_remove (GTask *owned_task, BfyBinding *binding, BfyKeyring *keyring)
{
  BfyCredentials *self = g_task_get_source_object (owned_task);

  bfy_credentials_drop (self, binding->id);
  bfy_credentials_give_up_loading (self, binding->id, BFY_ERROR_NOT_FOUND,
                                   "The binding has just been removed");
  bfy_keyring_remove_async (keyring, binding->id, NULL, on_removed, owned_task);
}

void
bfy_credentials_remove_async (BfyCredentials *self,
                              BfyBinding *binding,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  GError *error = NULL;
  BfyKeyring *keyring;

  g_task_set_source_tag (task, bfy_credentials_remove_async);
  if (g_str_equal (binding->auth_type, "none"))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  keyring = bfy_keyrings_find (self->keyrings, binding->keyring, &error);
  if (keyring == NULL || !bfy_credentials_hold (self, binding, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  g_task_set_task_data (task, bfy_binding_ref (binding), (GDestroyNotify) bfy_binding_unref);
  begin_remove (g_steal_pointer (&task), binding, keyring);
}

void
bfy_credentials_remove_sealed_async (BfyCredentials *self,
                                     BfyBinding *binding,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  GError *error = NULL;
  BfyKeyring *keyring = bfy_keyrings_find (self->keyrings, binding->keyring, &error);

  g_task_set_source_tag (task, bfy_credentials_remove_sealed_async);
  if (keyring == NULL)
    g_task_return_error (task, error);
  else
    begin_remove (g_steal_pointer (&task), binding, keyring);
}

gboolean
bfy_credentials_remove_finish (BfyCredentials *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
