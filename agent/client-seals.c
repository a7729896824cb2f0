/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/client-seals.h"

#include "protocol/client-key.h"
#include "protocol/error.h"

GPtrArray *
bfy_client_seals_bindings (BfyRegistry *registry, const BfyClient *client)
{
  g_autoptr (GPtrArray) all = bfy_registry_bindings (registry);
  GPtrArray *sealed = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_binding_unref);

  for (guint i = 0; i < all->len; i++)
    {
      BfyBinding *binding = g_ptr_array_index (all, i);

      if (binding->is_sealed && bfy_client_may_use (client, binding->name))
        g_ptr_array_add (sealed, bfy_binding_ref (binding));
    }

  return sealed;
}

/* A walk over some bindings, one after the other. */
typedef struct
{
  BfyAgent *agent;              /* borrowed */
  GPtrArray *bindings;          /* (owned) */
  guint i;                      /* the one that is at work */
  const BfyKeyHolder *opener;   /* borrowed */
  const BfyKeyHolder *newcomer; /* borrowed */
  char *leaver_id;              /* (owned) (nullable) who loses access */
  gboolean force;
  GError *failure; /* (owned) (nullable) why what was done is being taken back */
} Walk;

static void
walk_free (gpointer user_data)
{
  Walk *walk = user_data;

  g_ptr_array_unref (walk->bindings);
  g_free (walk->leaver_id);
  g_clear_error (&walk->failure);
  g_free (walk);
}

static BfyBinding *
current (Walk *walk)
{
  return walk->i < walk->bindings->len ? g_ptr_array_index (walk->bindings, walk->i) : NULL;
}

/* --- Taking away --- */

static gboolean
edit_revoke (BfySealedCredential *envelope,
             const BfyBinding *binding,
             gpointer user_data,
             GError **error)
{
  Walk *walk = user_data;

  if (bfy_sealed_credential_remove_client (envelope, walk->leaver_id))
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, "It had no access");

  return FALSE;
}

static void revoke_next (GTask *owned_task);

/* There is nothing to take away. */
static gboolean
is_nothing (const GError *error)
{
  return g_error_matches (error, BFY_ERROR, BFY_ERROR_NOT_FOUND) ||
         g_error_matches (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING);
}

static void
on_revoked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Walk *walk = g_task_get_task_data (task);
  BfyBinding *binding = current (walk);
  g_autoptr (GError) error = NULL;

  if (!bfy_seals_edit_finish (BFY_SEALS (source), result, &error) && !is_nothing (error))
    {
      if (!walk->force)
        {
          g_task_return_error (task, g_steal_pointer (&error));
          return;
        }
      g_warning ("A revoked client’s copy of the key of “%s” stays: %s", binding->name,
                 error->message);
    }
  if (error == NULL && bfy_credentials_peek_sealed (walk->agent->credentials, binding) == NULL)
    bfy_registry_set_state (walk->agent->registry, binding->id, BFY_STATE_NEEDS_LOGIN,
                            bfy_agent_now_s ());

  walk->i++;
  revoke_next (g_steal_pointer (&task));
}

static void
revoke_next (GTask *owned_task)
{
  g_autoptr (GTask) task = owned_task;
  Walk *walk = g_task_get_task_data (task);

  if (current (walk) != NULL)
    bfy_seals_edit_async (walk->agent->seals, current (walk), edit_revoke, walk, on_revoked,
                          g_steal_pointer (&task));
  else if (walk->failure != NULL)
    g_task_return_error (task, g_steal_pointer (&walk->failure));
  else
    g_task_return_boolean (task, TRUE);
}

static void examine_next (GTask *owned_task);

static gboolean
is_last (Walk *walk, const BfySealedCredential *envelope)
{
  return envelope != NULL && bfy_sealed_credential_n_clients (envelope) == 1 &&
         bfy_sealed_credential_has_client (envelope, walk->leaver_id);
}

static void
on_examined (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Walk *walk = g_task_get_task_data (task);
  BfyBinding *binding = current (walk);
  GError *error = NULL;

  if (!bfy_credentials_load_finish (BFY_CREDENTIALS (source), result, &error) &&
      !is_nothing (error))
    {
      g_prefix_error (&error,
                      "Whether others can open “%s” cannot be found out, and --force revokes the "
                      "key all the same: ",
                      binding->name);
      g_task_return_error (task, error);
      return;
    }
  g_clear_error (&error);
  if (is_last (walk, bfy_credentials_peek_sealed (walk->agent->credentials, binding)))
    {
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_DENIED,
                               "Nobody else can open “%s”: without this key its credential is lost "
                               "and has to be entered again. --force revokes the key all the same",
                               binding->name);
      return;
    }

  walk->i++;
  examine_next (g_steal_pointer (&task));
}

static void
examine_next (GTask *owned_task)
{
  g_autoptr (GTask) task = owned_task;
  Walk *walk = g_task_get_task_data (task);

  if (current (walk) != NULL)
    {
      bfy_credentials_load_async (walk->agent->credentials, current (walk), NULL, on_examined,
                                  g_steal_pointer (&task));
      return;
    }

  walk->i = 0;
  revoke_next (g_steal_pointer (&task));
}

void
bfy_client_seals_revoke_async (BfyAgent *agent,
                               BfyClient *client,
                               gboolean force,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Walk *walk = g_new0 (Walk, 1);

  g_task_set_source_tag (task, bfy_client_seals_revoke_async);
  g_task_set_task_data (task, walk, walk_free);
  walk->agent = agent;
  walk->bindings = bfy_client_seals_bindings (agent->registry, client);
  walk->leaver_id = g_strdup (client->id);
  walk->force = force;
  if (force)
    revoke_next (task);
  else
    examine_next (task);
}

/* --- Letting in --- */

static gboolean
edit_admit (BfySealedCredential *envelope,
            const BfyBinding *binding,
            gpointer user_data,
            GError **error)
{
  Walk *walk = user_data;
  g_autoptr (BfySecret) proof = bfy_client_key_proof (walk->opener->key);
  g_autoptr (BfySecret) new_proof = bfy_client_key_proof (walk->newcomer->key);
  g_autoptr (BfySecret) data_key = NULL;

  if (!bfy_sealed_credential_has_client (envelope, walk->opener->client->id))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
                   "The key that was presented is that of “%s”, which cannot open “%s”",
                   walk->opener->client->label, binding->name);
      return FALSE;
    }
  data_key =
      bfy_sealed_credential_unwrap (envelope, binding->id, walk->opener->client->id, proof, error);

  return data_key != NULL &&
         bfy_sealed_credential_add_client (envelope, binding->id, walk->newcomer->client->id,
                                           new_proof, data_key, error);
}

static void admit_next (GTask *owned_task);

static void
on_admitted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Walk *walk = g_task_get_task_data (task);

  if (bfy_seals_edit_finish (BFY_SEALS (source), result, &walk->failure))
    {
      walk->i++;
      admit_next (g_steal_pointer (&task));
      return;
    }

  /* The newcomer opens none, so what it got is taken back; the one that failed may have arrived. */
  walk->leaver_id = g_strdup (walk->newcomer->client->id);
  walk->force = TRUE;
  g_ptr_array_set_size (walk->bindings, (gint) walk->i + 1);
  walk->i = 0;
  revoke_next (g_steal_pointer (&task));
}

static void
admit_next (GTask *owned_task)
{
  g_autoptr (GTask) task = owned_task;
  Walk *walk = g_task_get_task_data (task);

  if (current (walk) != NULL)
    bfy_seals_edit_async (walk->agent->seals, current (walk), edit_admit, walk, on_admitted,
                          g_steal_pointer (&task));
  else
    g_task_return_boolean (task, TRUE);
}

void
bfy_client_seals_admit_async (BfyAgent *agent,
                              GPtrArray *bindings,
                              const BfyKeyHolder *opener,
                              const BfyKeyHolder *newcomer,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Walk *walk = g_new0 (Walk, 1);

  g_task_set_source_tag (task, bfy_client_seals_admit_async);
  g_task_set_task_data (task, walk, walk_free);
  walk->agent = agent;
  walk->bindings = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_binding_unref);
  for (guint i = 0; i < bindings->len; i++)
    g_ptr_array_add (walk->bindings, bfy_binding_ref (g_ptr_array_index (bindings, i)));
  walk->opener = opener;
  walk->newcomer = newcomer;
  admit_next (task);
}

gboolean
bfy_client_seals_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
