/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/database/databases.h"

#include "protocol/error.h"

/* Of one binding. Those in use are known by their number only. */
typedef struct
{
  GQueue idle; /* (owned) of BfyPg */
  guint n_busy;
} Kept;

struct _BfyDatabases
{
  BfyAgent *agent;  /* borrowed */
  GHashTable *kept; /* (owned) id → Kept */
  guint sweep_id;
  gulong changed_id;
  gulong credentials_id;
  gulong locked_id;
};

typedef struct
{
  BfyDatabases *databases; /* borrowed */
  BfyBinding *binding;     /* (owned) */
} Taking;

static void
taking_free (gpointer data)
{
  Taking *taking = data;

  bfy_binding_unref (taking->binding);
  g_free (taking);
}

static void
kept_free (gpointer data)
{
  Kept *kept = data;

  g_queue_clear_full (&kept->idle, (GDestroyNotify) bfy_pg_free);
  g_free (kept);
}

static Kept *
get_kept (BfyDatabases *self, const BfyBinding *binding)
{
  Kept *kept = g_hash_table_lookup (self->kept, binding->id);

  if (kept == NULL)
    {
      kept = g_new0 (Kept, 1);
      g_hash_table_insert (self->kept, g_strdup (binding->id), kept);
    }

  return kept;
}

static void
close_idle (Kept *kept)
{
  g_queue_clear_full (&kept->idle, (GDestroyNotify) bfy_pg_free);
}

static void
close_all (BfyDatabases *self)
{
  GHashTableIter iter;
  gpointer kept;

  g_hash_table_iter_init (&iter, self->kept);
  while (g_hash_table_iter_next (&iter, NULL, &kept))
    close_idle (kept);
}

static gboolean
on_sweep (gpointer user_data)
{
  BfyDatabases *self = user_data;

  self->sweep_id = 0;
  close_all (self);

  return G_SOURCE_REMOVE;
}

static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  BfyDatabases *self = user_data;
  Kept *kept = old != NULL ? g_hash_table_lookup (self->kept, old->id) : NULL;

  if (kept != NULL && (now == NULL || now->policy != old->policy ||
                       now->state == BFY_STATE_PAUSED || now->allow_local != old->allow_local))
    close_idle (kept);
}

static void
on_credentials_changed (BfyCredentials *credentials, gboolean is_loss, gpointer user_data)
{
  if (is_loss)
    close_all (user_data);
}

static void
on_locked (BfyCredentials *credentials, gpointer user_data)
{
  close_all (user_data);
}

BfyDatabases *
bfy_databases_new (BfyAgent *agent)
{
  BfyDatabases *self = g_new0 (BfyDatabases, 1);

  self->agent = agent;
  self->kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, kept_free);
  self->changed_id =
      g_signal_connect (agent->registry, "binding-changed", G_CALLBACK (on_binding_changed), self);
  self->credentials_id =
      g_signal_connect (agent->credentials, "changed", G_CALLBACK (on_credentials_changed), self);
  self->locked_id = g_signal_connect (agent->credentials, "locked", G_CALLBACK (on_locked), self);

  return self;
}

void
bfy_databases_free (BfyDatabases *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->sweep_id, g_source_remove);
  g_signal_handler_disconnect (self->agent->registry, self->changed_id);
  g_signal_handler_disconnect (self->agent->credentials, self->credentials_id);
  g_signal_handler_disconnect (self->agent->credentials, self->locked_id);
  g_hash_table_unref (self->kept);
  g_free (self);
}

static void
return_failure (GTask *task, GError *error)
{
  const Taking *taking = g_task_get_task_data (task);

  get_kept (taking->databases, taking->binding)->n_busy--;
  g_task_return_error (task, error);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  BfyPg *pg = bfy_databases_open_finish (result, &error);

  if (pg != NULL)
    g_task_return_pointer (task, pg, (GDestroyNotify) bfy_pg_free);
  else
    return_failure (task, error);
}

static void
open_one (GTask *task)
{
  const Taking *taking = g_task_get_task_data (task);
  BfyAgent *agent = taking->databases->agent;

  bfy_databases_open_async (agent, taking->binding,
                            bfy_credentials_peek (agent->credentials, taking->binding),
                            g_task_get_cancellable (task), on_opened, g_object_ref (task));
}

static void
on_credential (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (bfy_unlocker_load_finish (BFY_UNLOCKER (source), result, &error))
    open_one (task);
  else
    return_failure (task, error);
}

static BfyPg *
pop_usable (Kept *kept)
{
  for (;;)
    {
      BfyPg *pg = g_queue_pop_tail (&kept->idle);

      if (pg == NULL || bfy_pg_is_usable (pg))
        return pg;
      bfy_pg_free (pg);
    }
}

static gboolean
needs_credential (const BfyBinding *binding)
{
  return binding->injection != NULL && binding->injection->kind != BFY_INJECT_NONE;
}

void
bfy_databases_take_async (BfyDatabases *self,
                          BfyBinding *binding,
                          gboolean may_ask,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Taking *taking = g_new0 (Taking, 1);
  Kept *kept = get_kept (self, binding);
  GError *error = NULL;
  BfyPg *pg;

  g_task_set_source_tag (task, bfy_databases_take_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, taking, taking_free);
  taking->databases = self;
  taking->binding = bfy_binding_ref (binding);
  if (kept->n_busy >= BFY_DATABASES_BUSY_MAX)
    {
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_RATE_LIMITED,
                               "Too many statements run on “%s” at once", binding->name);
      return;
    }
  kept->n_busy++;
  pg = bfy_credentials_check_unlocked (self->agent->credentials, &error) ? pop_usable (kept) : NULL;
  if (error != NULL)
    return_failure (task, error);
  else if (pg != NULL)
    g_task_return_pointer (task, pg, (GDestroyNotify) bfy_pg_free);
  else if (!needs_credential (binding) ||
           bfy_credentials_peek (self->agent->credentials, binding) != NULL)
    open_one (task);
  else
    bfy_unlocker_load_async (self->agent->unlocker, self->agent->credentials, binding, may_ask,
                             cancellable, on_credential, g_object_ref (task));
}

BfyPg *
bfy_databases_take_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_tidied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  /* Whoever takes it looks whether it is usable. */
  G_GNUC_UNUSED gboolean is_good = bfy_pg_run_finish (result, NULL);
}

/* While it is tidied it is not usable, and nobody gets it. */
void
bfy_databases_give (BfyDatabases *self, const BfyBinding *binding, BfyPg *pg)
{
  Kept *kept = get_kept (self, binding);

  kept->n_busy--;
  if (pg == NULL)
    return;
  if (!bfy_pg_is_usable (pg) || g_queue_get_length (&kept->idle) >= BFY_DATABASES_IDLE_MAX ||
      !bfy_credentials_check_unlocked (self->agent->credentials, NULL))
    {
      bfy_pg_free (pg);
      return;
    }
  g_queue_push_tail (&kept->idle, pg);
  bfy_pg_tidy_async (pg, on_tidied, NULL);
  if (self->sweep_id == 0)
    self->sweep_id = g_timeout_add_seconds (BFY_DATABASES_IDLE_S, on_sweep, self);
}
