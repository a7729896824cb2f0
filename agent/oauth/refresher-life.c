/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* How the refresher begins and ends, and what makes it let go of a binding. */

#include "agent/oauth/recovery-file.h"
#include "agent/oauth/refresh-lock.h"
#include "agent/oauth/refresh-private.h"
#include "agent/oauth/step-up.h"
#include "protocol/error.h"

#define STOP_PATIENCE_MS 10000 /* for renewals under way when the agent ends */

static void
entry_free (gpointer user_data)
{
  BfyRefreshEntry *entry = user_data;

  g_clear_handle_id (&entry->rewrite_source, g_source_remove);
  g_clear_pointer (&entry->unsaved, g_bytes_unref);
  g_free (entry->failure);
  g_free (entry->id);
  g_free (entry);
}

/* What those are told who wait for a renewal that does not count any more; NULL: that there is a
 * token. (transfer full) */
static GError *
explain_forgetting (BfyRefresher *self, const BfyBinding *binding)
{
  const BfyCredential *known = bfy_credentials_peek (self->agent->credentials, binding);

  if (bfy_registry_find_by_id (self->agent->registry, binding->id) == NULL)
    return g_error_new (BFY_ERROR, BFY_ERROR_NOT_FOUND, "The binding “%s” has been removed",
                        binding->name);
  if (known != NULL && bfy_refresh_judge_now (binding, known) != BFY_EXPIRED)
    return NULL;

  return bfy_refresh_new_changed_error (binding);
}

/* The record belongs to a set that somebody has replaced, or taken away. */
void
bfy_refresher_forget (BfyRefresher *self, const BfyBinding *binding)
{
  BfyRefreshEntry *entry = g_hash_table_lookup (self->entries, binding->id);
  g_autoptr (BfyRefreshRun) run = NULL;
  g_autoptr (GError) reason = NULL;
  g_autoptr (GError) error = NULL;

  if (!bfy_recovery_file_remove (self->agent->state_dir, binding->id, &error))
    g_warning ("An old recovery record of “%s” stays: %s", binding->name, error->message);
  if (entry == NULL)
    return;

  run = entry->run != NULL ? bfy_refresh_run_ref (entry->run) : NULL;
  if (run != NULL)
    run->entry = NULL;
  g_hash_table_remove (self->entries, binding->id);
  if (run == NULL)
    return;
  reason = explain_forgetting (self, binding);
  bfy_refresh_run_answer (run, reason);
}

static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  BfyRefresher *self = user_data;

  if (old == NULL || now != NULL)
    return;

  bfy_refresher_forget (self, old);
  bfy_refresh_lock_remove (self->agent, old);
  bfy_step_up_forget (self->agent->step_up, old->id);
}

/* What is under way is carried to its end, because the server may have renewed the token already;
 * those who wait for it get nothing out of a locked agent. */
static void
on_locked (BfyCredentials *credentials, gpointer user_data)
{
  BfyRefresher *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GList) entries = g_hash_table_get_values (self->entries);

  if (bfy_credentials_check_unlocked (credentials, &error))
    return;
  for (GList *item = entries; item != NULL; item = item->next)
    {
      BfyRefreshEntry *entry = item->data;

      if (entry->run != NULL)
        bfy_refresh_run_answer (entry->run, error);
    }
}

/* Renewals that a kill has cut short. A keyring that is locked by now is not asked open for it: the
 * next renewal sees to it, before it asks for anything. */
static gboolean
on_started (gpointer user_data)
{
  BfyRefresher *self = user_data;
  g_auto (GStrv) ids = bfy_recovery_file_list (self->agent->state_dir);

  self->start_source = 0;
  for (guint i = 0; ids[i] != NULL; i++)
    {
      BfyBinding *binding = bfy_registry_find_by_id (self->agent->registry, ids[i]);

      if (binding != NULL)
        bfy_refresh_begin_saving (self, binding);
    }

  return G_SOURCE_REMOVE;
}

BfyRefresher *
bfy_refresher_new (BfyAgent *agent)
{
  BfyRefresher *self = g_new0 (BfyRefresher, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->agent = agent;
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, entry_free);
  self->locked_id = g_signal_connect (agent->credentials, "locked", G_CALLBACK (on_locked), self);
  self->changed_id =
      g_signal_connect (agent->registry, "binding-changed", G_CALLBACK (on_binding_changed), self);
  self->start_source = g_idle_add (on_started, self);

  return self;
}

static gboolean
on_patience_over (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_REMOVE;
}

void
bfy_refresher_stop (BfyRefresher *self)
{
  g_autoptr (GList) entries = g_hash_table_get_values (self->entries);
  gboolean is_late = FALSE;
  guint timeout = g_timeout_add (STOP_PATIENCE_MS, on_patience_over, &is_late);

  for (GList *item = entries; item != NULL; item = item->next)
    {
      BfyRefreshEntry *entry = item->data;
      BfyBinding *binding = bfy_registry_find_by_id (self->agent->registry, entry->id);

      if (entry->unsaved != NULL && binding != NULL)
        bfy_refresh_begin_saving (self, binding);
    }
  while (self->n_runs > 0 && !is_late)
    g_main_context_iteration (NULL, TRUE);
  if (!is_late)
    g_source_remove (timeout);
}

void
bfy_refresher_unref (BfyRefresher *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_hash_table_unref (self->entries);
  g_free (self);
}

/* What is under way still has a reference, but must not touch the agent any more. */
void
bfy_refresher_free (BfyRefresher *self)
{
  GHashTableIter iter;
  gpointer entry;

  g_clear_handle_id (&self->start_source, g_source_remove);
  g_clear_signal_handler (&self->locked_id, self->agent->credentials);
  g_clear_signal_handler (&self->changed_id, self->agent->registry);
  self->is_over = TRUE;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    {
      BfyRefreshRun *run = ((BfyRefreshEntry *) entry)->run;

      if (run != NULL)
        bfy_refresh_run_abandon (run);
    }
  g_hash_table_remove_all (self->entries);
  bfy_refresher_unref (self);
}
