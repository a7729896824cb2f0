/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/keyrings.h"

#include "keyring/memory.h"
#include "keyring/secret-service.h"
#include "keyring/vault.h"
#include "protocol/error.h"

struct _BfyKeyrings
{
  GObject parent_instance;

  GPtrArray *backends; /* (owned) (element-type BfyKeyring) */
  char *preferred;     /* (owned) */
};

G_DEFINE_FINAL_TYPE (BfyKeyrings, bfy_keyrings, G_TYPE_OBJECT)

BfyKeyrings *
bfy_keyrings_new (const char *vault_dir, const char *preferred, const char *collection)
{
  BfyKeyrings *self = g_object_new (BFY_TYPE_KEYRINGS, NULL);

  self->preferred = g_strdup (preferred);
  g_ptr_array_add (self->backends, bfy_secret_service_new (collection));
  g_ptr_array_add (self->backends, bfy_vault_new (vault_dir));
  g_ptr_array_add (self->backends, bfy_memory_new ());

  return self;
}

static BfyKeyring *
find (BfyKeyrings *self, const char *name)
{
  for (guint i = 0; i < self->backends->len; i++)
    {
      BfyKeyring *backend = g_ptr_array_index (self->backends, i);

      if (g_str_equal (bfy_keyring_get_name (backend), name))
        return backend;
    }

  return NULL;
}

BfyKeyring *
bfy_keyrings_find (BfyKeyrings *self, const char *name, GError **error)
{
  BfyKeyring *backend = find (self, name);

  if (backend == NULL)
    g_set_error (error, BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE,
                 "There is no keyring “%s” here; use auto, secret-service, vault or memory", name);

  return backend;
}

GPtrArray *
bfy_keyrings_list (BfyKeyrings *self)
{
  return self->backends;
}

void
bfy_keyrings_forget (BfyKeyrings *self)
{
  for (guint i = 0; i < self->backends->len; i++)
    bfy_keyring_forget (g_ptr_array_index (self->backends, i));
}

const char *
bfy_keyrings_get_preferred (BfyKeyrings *self)
{
  return self->preferred;
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  BfyKeyrings *self = g_task_get_source_object (task);
  BfyKeyringState state;

  if (!bfy_keyring_check_finish (BFY_KEYRING (source), result, &state, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else if (state == BFY_KEYRING_ABSENT)
    g_task_return_pointer (task, g_object_ref (find (self, BFY_KEYRING_VAULT)), g_object_unref);
  else
    g_task_return_pointer (task, g_object_ref (source), g_object_unref);
}

void
bfy_keyrings_choose_async (BfyKeyrings *self,
                           const char *wanted,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  const char *name = wanted != NULL ? wanted : self->preferred;
  GError *error = NULL;
  BfyKeyring *backend;

  g_task_set_source_tag (task, bfy_keyrings_choose_async);
  if (g_str_equal (name, BFY_KEYRING_AUTO))
    {
      bfy_keyring_check_async (find (self, BFY_KEYRING_SECRET_SERVICE), cancellable, on_checked,
                               g_steal_pointer (&task));
      return;
    }

  backend = bfy_keyrings_find (self, name, &error);
  if (backend != NULL)
    g_task_return_pointer (task, g_object_ref (backend), g_object_unref);
  else
    g_task_return_error (task, error);
}

BfyKeyring *
bfy_keyrings_choose_finish (BfyKeyrings *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
bfy_keyrings_finalize (GObject *object)
{
  BfyKeyrings *self = BFY_KEYRINGS (object);

  g_ptr_array_unref (self->backends);
  g_free (self->preferred);
  G_OBJECT_CLASS (bfy_keyrings_parent_class)->finalize (object);
}

static void
bfy_keyrings_class_init (BfyKeyringsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_keyrings_finalize;
}

static void
bfy_keyrings_init (BfyKeyrings *self)
{
  self->backends = g_ptr_array_new_with_free_func (g_object_unref);
}
