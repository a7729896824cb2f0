/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/move.h"

typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyBinding *binding; /* (owned) as it was when the move began */
  BfyKeyring *source;  /* (owned) (nullable) */
  BfyKeyring *target;  /* (owned) */
  BfySecret *secret;   /* (owned) (nullable) what the source holds */
  guint n_swept;       /* keyrings looked through for left-over copies */
  gboolean is_held;
  BfyMove move;
} Work;

void
bfy_move_clear (BfyMove *self)
{
  g_clear_pointer (&self->from, g_free);
  g_clear_pointer (&self->left_over, g_free);
}

/* Before the task is answered: whoever hears of it may want to change the item again at once. */
static void
let_go (Work *work)
{
  if (work->is_held)
    bfy_credentials_release (work->agent->credentials, work->binding);
  work->is_held = FALSE;
}

static void
work_free (gpointer user_data)
{
  Work *work = user_data;

  let_go (work);
  bfy_binding_unref (work->binding);
  g_clear_object (&work->source);
  g_clear_object (&work->target);
  g_clear_pointer (&work->secret, bfy_secret_unref);
  bfy_move_clear (&work->move);
  g_free (work);
}

/* Takes @error. */
static void
fail (GTask *task, GError *error)
{
  let_go (g_task_get_task_data (task));
  g_task_return_error (task, error);
}

static void sweep (GTask *task);

static void
note_left_over (Work *work, BfyKeyring *keyring, const GError *error)
{
  g_free (work->move.left_over);
  work->move.left_over = g_strdup_printf ("A copy stays in the keyring “%s”: %s",
                                          bfy_keyring_get_name (keyring), error->message);
}

/* A keyring that cannot be asked now is doctor's business; only a copy that is known to be there
 * and stays is worth a word. */
static void
on_swept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Work *work = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (bfy_keyring_remove_finish (BFY_KEYRING (source), result, &error))
    work->move.n_cleaned++;
  else if (BFY_KEYRING (source) == work->source &&
           !g_error_matches (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING))
    note_left_over (work, work->source, error);
  sweep (task);
}

/* Nobody is asked to unlock a keyring in which there may be nothing of ours. */
static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Work *work = g_task_get_task_data (task);
  BfyKeyring *keyring = BFY_KEYRING (source);
  BfyKeyringState state;

  if (bfy_keyring_check_finish (keyring, result, &state, NULL) && state == BFY_KEYRING_READY)
    bfy_keyring_remove_async (keyring, work->binding->id, NULL, on_swept, task);
  else
    sweep (task);
}

/* The record names the target, which holds the credential: every other copy may go. */
static void
sweep (GTask *task)
{
  Work *work = g_task_get_task_data (task);
  GPtrArray *keyrings = bfy_keyrings_list (work->agent->keyrings);

  while (work->n_swept < keyrings->len)
    {
      BfyKeyring *keyring = g_ptr_array_index (keyrings, work->n_swept++);

      if (keyring == work->target)
        continue;
      if (keyring == work->source)
        bfy_keyring_remove_async (keyring, work->binding->id, NULL, on_swept, task);
      else
        bfy_keyring_check_async (keyring, NULL, on_checked, task);
      return;
    }

  if (work->move.moved && work->move.n_cleaned > 0)
    work->move.n_cleaned--; /* the source's own copy is no left-over */
  let_go (work);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* Those who still read the old place have their answer. */
static void
on_readers_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  (void) bfy_credentials_settle_finish (BFY_CREDENTIALS (source), result);
  sweep (user_data);
}

static void
record (GTask *task)
{
  Work *work = g_task_get_task_data (task);
  BfyRegistry *registry = work->agent->registry;
  BfyBinding *current = bfy_registry_find_by_id (registry, work->binding->id);
  g_autoptr (BfyBinding) changed = NULL;
  GError *error = NULL;

  if (current != NULL)
    {
      changed = bfy_binding_copy (current);
      g_free (changed->keyring);
      changed->keyring = g_strdup (bfy_keyring_get_name (work->target));
    }
  if (changed == NULL)
    error = g_error_new_literal (BFY_ERROR, BFY_ERROR_NOT_FOUND, "The binding has gone");
  if (changed == NULL || !bfy_registry_update (registry, changed, &error))
    {
      fail (task, error);
      g_object_unref (task);
      return;
    }

  work->move.moved = TRUE;
  bfy_credentials_settle_async (work->agent->credentials, work->binding, on_readers_done, task);
}

static void
on_read_back (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (BfySecret) copy = bfy_keyring_lookup_finish (BFY_KEYRING (source), result, &error);

  if (copy != NULL && !bfy_secret_equal (copy, work->secret))
    error = g_error_new (BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
                         "The keyring “%s” gave back something else than was stored",
                         bfy_keyring_get_name (work->target));
  if (error == NULL)
    {
      record (g_steal_pointer (&task));
      return;
    }

  g_prefix_error (&error, "Not moved, the credential is where it was: ");
  fail (task, error);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;

  if (!bfy_keyring_store_finish (BFY_KEYRING (source), result, &error))
    {
      g_prefix_error (&error, "Not moved, the credential is where it was: ");
      fail (task, error);
      return;
    }

  bfy_keyring_lookup_async (work->target, work->binding->id, NULL, on_read_back,
                            g_steal_pointer (&task));
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;

  work->secret = bfy_keyring_lookup_finish (BFY_KEYRING (source), result, &error);
  if (work->secret == NULL)
    {
      fail (task, error);
      return;
    }
  if (work->source == work->target)
    {
      sweep (g_steal_pointer (&task));
      return;
    }

  bfy_keyring_store_async (work->target, work->binding->id, work->secret, NULL, on_stored,
                           g_steal_pointer (&task));
}

static gboolean
prepare (Work *work, const char *target, GError **error)
{
  BfyKeyring *to = bfy_keyrings_find (work->agent->keyrings, target, error);
  BfyKeyring *from;

  if (to == NULL)
    return FALSE;
  if (g_str_equal (work->binding->auth_type, "none"))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "“%s” has no credential that could be moved", work->binding->name);
      return FALSE;
    }
  from = bfy_keyrings_find (work->agent->keyrings, work->binding->keyring, error);
  if (from == NULL)
    return FALSE;
  work->source = g_object_ref (from);
  work->target = g_object_ref (to);
  work->is_held = bfy_credentials_hold (work->agent->credentials, work->binding, error);

  return work->is_held;
}

void
bfy_move_async (BfyAgent *agent,
                BfyBinding *binding,
                const char *target,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Work *work = g_new0 (Work, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, bfy_move_async);
  g_task_set_task_data (task, work, work_free);
  work->agent = agent;
  work->binding = bfy_binding_ref (binding);
  work->move.from = g_strdup (binding->keyring);
  if (!prepare (work, target, &error))
    {
      fail (task, error);
      return;
    }

  bfy_keyring_lookup_async (work->source, binding->id, NULL, on_looked_up, g_steal_pointer (&task));
}

gboolean
bfy_move_finish (GAsyncResult *result, BfyMove *move, GError **error)
{
  Work *work = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  *move = work->move;
  work->move = (BfyMove){ 0 };

  return TRUE;
}
