/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A new token set becomes durable: first as a record on the disk, which takes a moment and nobody
 * can refuse, then in the keyring, which may be locked or gone by now (behaviour 7.10). */

#include "agent/oauth/recovery-file.h"
#include "agent/oauth/refresh-private.h"
#include "protocol/error.h"

#define STORES_MAX 2 /* one retry */

static void store_once (BfyRefreshRun *run);

GBytes *
bfy_refresh_run_find_record (BfyRefreshRun *run)
{
  g_autoptr (GError) error = NULL;
  GBytes *record;

  if (run->entry->unsaved != NULL)
    return g_bytes_ref (run->entry->unsaved);
  if (!g_uuid_string_is_valid (run->binding->id))
    return NULL;
  record = bfy_recovery_file_read (run->self->agent->state_dir, run->binding->id, &error);
  if (error != NULL)
    g_warning ("The recovery record of “%s” cannot be read: %s", run->binding->name,
               error->message);

  return record;
}

void
bfy_refresh_run_drop_record (BfyRefreshRun *run)
{
  g_autoptr (GError) error = NULL;

  if (run->entry != NULL)
    g_clear_pointer (&run->entry->unsaved, g_bytes_unref);
  if (g_uuid_string_is_valid (run->binding->id) &&
      !bfy_recovery_file_remove (run->self->agent->state_dir, run->binding->id, &error))
    g_warning ("An old recovery record of “%s” stays: %s", run->binding->name, error->message);
}

/* Also for what cannot be written: in memory it holds no plaintext, so it may outlast a lock. Not
 * for the memory keyring, which would not be there to open it. */
void
bfy_refresh_run_write_record (BfyRefreshRun *run)
{
  g_autoptr (GError) error = NULL;

  if (g_str_equal (run->binding->keyring, BFY_KEYRING_MEMORY))
    return;
  if (run->record == NULL)
    run->record = bfy_recovery_record_seal (run->binding->id, run->old, run->renewed, &error);
  if (run->record == NULL ||
      !bfy_recovery_file_write (run->self->agent->state_dir, run->binding->id, run->record, &error))
    g_warning ("No recovery record for “%s”: %s", run->binding->name, error->message);
}

/* @error is taken. */
static void
end_store (BfyRefreshRun *run, GError *error)
{
  if (run->self->is_over)
    {
      g_clear_error (&error);
      bfy_refresh_run_finish (run, NULL);
      return;
    }
  /* The person has signed in meanwhile: see edit_envelope(). */
  if (g_error_matches (error, BFY_ERROR, BFY_ERROR_EXISTS))
    {
      g_error_free (error);
      bfy_refresh_run_drop_record (run);
      bfy_refresh_run_finish (run, bfy_refresh_new_changed_error (run->binding));
      return;
    }
  if (error != NULL && ++run->n_stores < STORES_MAX)
    {
      g_error_free (error);
      store_once (run);
      return;
    }

  if (error == NULL)
    {
      /* Those who wait need not wait for the rest. */
      if (!run->is_adopting && run->entry != NULL)
        bfy_refresh_run_answer (run, NULL);
      bfy_refresh_run_drop_record (run);
      bfy_refresh_note_success (run);
    }
  else if (run->entry != NULL)
    {
      g_clear_pointer (&run->entry->unsaved, g_bytes_unref);
      run->entry->unsaved = run->record != NULL ? g_bytes_ref (run->record) : NULL;
      bfy_refresh_note_unsaved (run, error);
    }
  bfy_refresh_run_go_on_stored (run, error);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyRefreshRun) run = user_data;
  GError *error = NULL;
  gboolean is_stored = bfy_credentials_store_finish (BFY_CREDENTIALS (source), result, &error);

  end_store (run, is_stored ? NULL : error);
}

/* Within the envelope: who can open it stays as it is. */
static gboolean
edit_envelope (BfySealedCredential *envelope,
               const BfyBinding *binding,
               gpointer user_data,
               GError **error)
{
  BfyRefreshRun *run = user_data;
  g_autoptr (BfySecret) data_key =
      bfy_sealed_credential_unwrap (envelope, binding->id, run->client_id, run->proof, error);
  g_autoptr (BfyCredential) present = NULL;

  if (data_key != NULL)
    present = bfy_sealed_credential_open (envelope, binding->id, data_key, error);
  if (present == NULL)
    return FALSE;
  if (!bfy_secret_equal (present->secret, run->old->secret))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_EXISTS, "There is a newer credential");
      return FALSE;
    }

  return bfy_sealed_credential_store (envelope, binding->id, data_key, run->renewed, error);
}

static void
on_sealed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyRefreshRun) run = user_data;
  GError *error = NULL;
  gboolean is_stored = bfy_seals_edit_finish (BFY_SEALS (source), result, &error);

  end_store (run, is_stored ? NULL : error);
}

static void
store_once (BfyRefreshRun *run)
{
  BfyAgent *agent = run->self->agent;

  bfy_refresh_run_follow_binding (run);
  if (run->binding->is_sealed)
    bfy_seals_edit_async (agent->seals, run->binding, edit_envelope, run, on_sealed,
                          bfy_refresh_run_ref (run));
  else
    bfy_credentials_store_async (agent->credentials, run->binding,
                                 bfy_refresh_copy_credential (run->renewed), on_stored,
                                 bfy_refresh_run_ref (run));
}

void
bfy_refresh_run_store (BfyRefreshRun *run)
{
  run->n_stores = 0;
  store_once (run);
}
