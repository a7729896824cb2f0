/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/revocation.h"

#include "agent/oauth/token-endpoint.h"

typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyBinding *binding; /* (owned) */
  GCancellable *stop;  /* (owned) */
  guint timer_id;
} Revocation;

static void
revocation_free (gpointer user_data)
{
  Revocation *self = user_data;

  g_clear_handle_id (&self->timer_id, g_source_remove);
  g_object_unref (self->stop);
  bfy_binding_unref (self->binding);
  g_free (self);
}

static void
on_revoked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Revocation *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (bfy_token_revoke_finish (result, &error))
    {
      g_task_return_int (task, BFY_REVOCATION_DONE);
      return;
    }

  g_info ("The tokens of “%s” were not revoked: %s", self->binding->name, error->message);
  g_task_return_int (task, g_error_matches (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED)
                               ? BFY_REVOCATION_NOT_OFFERED
                               : BFY_REVOCATION_FAILED);
}

static gboolean
on_timeout (gpointer user_data)
{
  Revocation *self = user_data;

  self->timer_id = 0;
  g_cancellable_cancel (self->stop);

  return G_SOURCE_REMOVE;
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Revocation *self = g_task_get_task_data (task);
  const BfyCredential *credential;
  g_autoptr (GError) error = NULL;

  if (!bfy_unlocker_load_finish (BFY_UNLOCKER (source), result, &error))
    {
      g_task_return_int (task, g_error_matches (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING)
                                   ? BFY_REVOCATION_NOT_OFFERED
                                   : BFY_REVOCATION_FAILED);
      return;
    }

  credential = bfy_credentials_peek (self->agent->credentials, self->binding);
  if (credential == NULL || credential->source == NULL ||
      credential->source->revocation_url == NULL)
    {
      g_task_return_int (task, BFY_REVOCATION_NOT_OFFERED);
      return;
    }

  self->timer_id = g_timeout_add (BFY_REVOCATION_TIMEOUT_MS, on_timeout, self);
  bfy_token_revoke_async (self->agent, self->binding, credential, self->stop, on_revoked,
                          g_object_ref (task));
}

void
bfy_revoke_async (BfyAgent *agent,
                  BfyBinding *binding,
                  gboolean may_ask,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Revocation *self = g_new0 (Revocation, 1);

  g_task_set_source_tag (task, bfy_revoke_async);
  g_task_set_task_data (task, self, revocation_free);
  self->agent = agent;
  self->binding = bfy_binding_ref (binding);
  self->stop = g_cancellable_new ();
  if (binding->is_sealed || !g_str_equal (binding->auth_type, "oauth"))
    g_task_return_int (task, BFY_REVOCATION_NOT_OFFERED);
  else
    bfy_unlocker_load_async (agent->unlocker, agent->credentials, binding, may_ask, self->stop,
                             on_loaded, g_object_ref (task));
}

BfyRevocation
bfy_revoke_finish (GAsyncResult *result)
{
  /* Never an error. */
  return (BfyRevocation) g_task_propagate_int (G_TASK (result), NULL);
}
