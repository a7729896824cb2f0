/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/keyring.h"

#include "protocol/error.h"

G_DEFINE_INTERFACE (BfyKeyring, bfy_keyring, G_TYPE_OBJECT)

static const char *const state_names[] = {
  [BFY_KEYRING_READY] = "ready",
  [BFY_KEYRING_LOCKED] = "locked",
  [BFY_KEYRING_ABSENT] = "absent",
  [BFY_KEYRING_DAMAGED] = "damaged",
};

static void
bfy_keyring_default_init (BfyKeyringInterface *interface)
{
}

static gboolean
check_id (const char *id, GError **error)
{
  gsize length = strnlen (id, BFY_KEYRING_ID_BYTES_MAX + 1);
  gboolean is_visible = TRUE;

  for (gsize i = 0; i < length; i++)
    is_visible = is_visible && g_ascii_isgraph (id[i]);
  if (length > 0 && length <= BFY_KEYRING_ID_BYTES_MAX && is_visible)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
               "The id of a credential is 1 to %d visible ASCII characters",
               BFY_KEYRING_ID_BYTES_MAX);
  return FALSE;
}

static gboolean
check_secret (const BfySecret *secret, GError **error)
{
  if (bfy_secret_length (secret) <= BFY_KEYRING_SECRET_BYTES_MAX)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_TOO_LARGE, "The credential is longer than %d bytes",
               BFY_KEYRING_SECRET_BYTES_MAX);
  return FALSE;
}

const char *
bfy_keyring_get_name (BfyKeyring *self)
{
  g_return_val_if_fail (BFY_IS_KEYRING (self), NULL);

  return BFY_KEYRING_GET_IFACE (self)->get_name (self);
}

/* Arguments are checked here, once for all backends. A refused call never reaches one: its result
 * carries our own tag, which is how _finish tells whose result it holds. */
void
bfy_keyring_store_async (BfyKeyring *self,
                         const char *id,
                         BfySecret *secret,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (BFY_IS_KEYRING (self));

  if (!check_id (id, &error) || !check_secret (secret, &error))
    {
      g_task_report_error (self, callback, user_data, bfy_keyring_store_async,
                           g_steal_pointer (&error));
      return;
    }

  BFY_KEYRING_GET_IFACE (self)->store_async (self, id, secret, cancellable, callback, user_data);
}

gboolean
bfy_keyring_store_finish (BfyKeyring *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (BFY_IS_KEYRING (self), FALSE);

  if (g_async_result_is_tagged (result, bfy_keyring_store_async))
    return g_task_propagate_boolean (G_TASK (result), error);

  return BFY_KEYRING_GET_IFACE (self)->store_finish (self, result, error);
}

void
bfy_keyring_lookup_async (BfyKeyring *self,
                          const char *id,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (BFY_IS_KEYRING (self));

  if (!check_id (id, &error))
    {
      g_task_report_error (self, callback, user_data, bfy_keyring_lookup_async,
                           g_steal_pointer (&error));
      return;
    }

  BFY_KEYRING_GET_IFACE (self)->lookup_async (self, id, cancellable, callback, user_data);
}

BfySecret *
bfy_keyring_lookup_finish (BfyKeyring *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (BFY_IS_KEYRING (self), NULL);

  if (g_async_result_is_tagged (result, bfy_keyring_lookup_async))
    return g_task_propagate_pointer (G_TASK (result), error);

  return BFY_KEYRING_GET_IFACE (self)->lookup_finish (self, result, error);
}

void
bfy_keyring_remove_async (BfyKeyring *self,
                          const char *id,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (BFY_IS_KEYRING (self));

  if (!check_id (id, &error))
    {
      g_task_report_error (self, callback, user_data, bfy_keyring_remove_async,
                           g_steal_pointer (&error));
      return;
    }

  BFY_KEYRING_GET_IFACE (self)->remove_async (self, id, cancellable, callback, user_data);
}

gboolean
bfy_keyring_remove_finish (BfyKeyring *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (BFY_IS_KEYRING (self), FALSE);

  if (g_async_result_is_tagged (result, bfy_keyring_remove_async))
    return g_task_propagate_boolean (G_TASK (result), error);

  return BFY_KEYRING_GET_IFACE (self)->remove_finish (self, result, error);
}

void
bfy_keyring_list_async (BfyKeyring *self,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_return_if_fail (BFY_IS_KEYRING (self));

  BFY_KEYRING_GET_IFACE (self)->list_async (self, cancellable, callback, user_data);
}

GStrv
bfy_keyring_list_finish (BfyKeyring *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (BFY_IS_KEYRING (self), NULL);

  return BFY_KEYRING_GET_IFACE (self)->list_finish (self, result, error);
}

void
bfy_keyring_check_async (BfyKeyring *self,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_return_if_fail (BFY_IS_KEYRING (self));

  BFY_KEYRING_GET_IFACE (self)->check_async (self, cancellable, callback, user_data);
}

gboolean
bfy_keyring_check_finish (BfyKeyring *self,
                          GAsyncResult *result,
                          BfyKeyringState *state,
                          GError **error)
{
  g_return_val_if_fail (BFY_IS_KEYRING (self), FALSE);

  return BFY_KEYRING_GET_IFACE (self)->check_finish (self, result, state, error);
}

static void
on_checked_for_unlock (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfyKeyring *self = BFY_KEYRING (source);
  GError *error = NULL;
  BfyKeyringState state;

  if (!bfy_keyring_check_finish (self, result, &state, &error))
    g_task_return_error (task, error);
  else if (state == BFY_KEYRING_LOCKED)
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_LOCKED,
                             "The keyring “%s” is locked; unlock it with: bindify unlock",
                             bfy_keyring_get_name (self));
  else
    g_task_return_boolean (task, TRUE);
}

void
bfy_keyring_unlock_async (BfyKeyring *self,
                          const char *id,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GTask *task;

  g_return_if_fail (BFY_IS_KEYRING (self));

  if (id != NULL && !check_id (id, &error))
    {
      g_task_report_error (self, callback, user_data, bfy_keyring_unlock_async,
                           g_steal_pointer (&error));
      return;
    }
  if (bfy_keyring_can_prompt (self))
    {
      BFY_KEYRING_GET_IFACE (self)->unlock_async (self, id, cancellable, callback, user_data);
      return;
    }

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bfy_keyring_unlock_async);
  bfy_keyring_check_async (self, cancellable, on_checked_for_unlock, task);
}

gboolean
bfy_keyring_unlock_finish (BfyKeyring *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (BFY_IS_KEYRING (self), FALSE);

  if (g_async_result_is_tagged (result, bfy_keyring_unlock_async))
    return g_task_propagate_boolean (G_TASK (result), error);

  return BFY_KEYRING_GET_IFACE (self)->unlock_finish (self, result, error);
}

gboolean
bfy_keyring_can_prompt (BfyKeyring *self)
{
  g_return_val_if_fail (BFY_IS_KEYRING (self), FALSE);

  return BFY_KEYRING_GET_IFACE (self)->unlock_async != NULL;
}

void
bfy_keyring_forget (BfyKeyring *self)
{
  g_return_if_fail (BFY_IS_KEYRING (self));

  if (BFY_KEYRING_GET_IFACE (self)->forget != NULL)
    BFY_KEYRING_GET_IFACE (self)->forget (self);
}

char *
bfy_keyring_dup_place (BfyKeyring *self)
{
  g_return_val_if_fail (BFY_IS_KEYRING (self), NULL);

  if (BFY_KEYRING_GET_IFACE (self)->dup_place == NULL)
    return g_strdup (bfy_keyring_get_name (self));

  return BFY_KEYRING_GET_IFACE (self)->dup_place (self);
}

const char *
bfy_keyring_state_to_wire (BfyKeyringState state)
{
  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (state_names), NULL);

  return state_names[state];
}
