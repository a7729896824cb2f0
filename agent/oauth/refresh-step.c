/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The steps of one renewal; refresher.c says why they are in this order. */

#include "agent/oauth/recovery-file.h"
#include "agent/oauth/refresh-lock.h"
#include "agent/oauth/refresh-private.h"
#include "agent/oauth/token-endpoint.h"
#include "protocol/error.h"

/* While another agent holds the lock; behaviour 7.4. */
static const guint poll_after_ms[] = { 100, 200, 400, 800, 1600 };

static void take_lock (BfyRefreshRun *run);
static void on_read (BfyRefreshRun *run, GError *error);

/* --- What is in the keyring --- */

/* Nothing has to be asked for: somebody else has renewed it, or it is not time yet. */
static gboolean
is_good (BfyRefreshRun *run)
{
  BfyFreshness freshness = bfy_refresh_judge_now (run->binding, run->old);

  if (freshness == BFY_EXPIRED)
    return FALSE;
  if (run->seen != NULL && !bfy_secret_equal (run->seen, run->old->secret))
    return TRUE;

  return !run->is_forced && (freshness == BFY_FRESH || run->binding->is_sealed);
}

static void
take_what_is_there (BfyRefreshRun *run)
{
  bfy_refresh_run_remember (run, run->old);
  if (run->entry != NULL)
    run->entry->refused = 0;
  bfy_refresh_run_finish (run, NULL);
}

/* --- The lock --- */

static void
on_polled (BfyRefreshRun *run, GError *error)
{
  if (error != NULL)
    bfy_refresh_run_finish (run, error);
  else if (is_good (run))
    take_what_is_there (run);
  else
    take_lock (run);
}

static gboolean
on_poll_time (gpointer user_data)
{
  BfyRefreshRun *run = user_data;

  run->poll_source = 0;
  bfy_refresh_run_read (run, on_polled);

  return G_SOURCE_REMOVE;
}

static void
wait_for_lock (BfyRefreshRun *run)
{
  if (!run->is_urgent || run->n_polls == G_N_ELEMENTS (poll_after_ms))
    {
      bfy_refresh_note_busy (run);
      bfy_refresh_run_finish (run, bfy_refresh_new_cooldown_error (run->self, run->binding));
      return;
    }

  run->poll_source =
      g_timeout_add_full (G_PRIORITY_DEFAULT, poll_after_ms[run->n_polls++], on_poll_time,
                          bfy_refresh_run_ref (run), (GDestroyNotify) bfy_refresh_run_unref);
}

static void
take_lock (BfyRefreshRun *run)
{
  g_autoptr (GError) error = NULL;

  if (bfy_refresh_run_is_over (run))
    {
      bfy_refresh_run_finish (run, NULL);
      return;
    }

  run->lock = bfy_refresh_lock_try (run->self->agent, run->binding, &error);
  if (error == NULL)
    bfy_refresh_run_read (run, on_read);
  else if (g_error_matches (error, BFY_ERROR, BFY_ERROR_IN_USE))
    wait_for_lock (run);
  else
    bfy_refresh_run_finish (run, g_steal_pointer (&error));
}

void
bfy_refresh_run_start (BfyRefreshRun *run)
{
  take_lock (run);
}

/* --- The token endpoint --- */

static void
give_up (BfyRefreshRun *run, const BfyTokenAnswer *answer)
{
  bfy_refresh_note_failure (run, answer);
  bfy_refresh_run_finish (run, run->was_refused
                                   ? bfy_refresh_new_login_error (run->binding)
                                   : bfy_refresh_new_cooldown_error (run->self, run->binding));
}

/* In memory is another one than the one that was asked with, or none, although nothing is locked:
 * the person has signed in or out meanwhile, or the keyring has to be read again. A sealed one is
 * compared where it is changed. */
static gboolean
has_changed (BfyRefreshRun *run)
{
  BfyCredentials *credentials = run->self->agent->credentials;
  const BfyCredential *known = bfy_credentials_peek (credentials, run->binding);

  if (run->binding->is_sealed)
    return FALSE;

  return known != NULL ? !bfy_secret_equal (known->secret, run->old->secret)
                       : bfy_credentials_check_unlocked (credentials, NULL);
}

static void
on_read_before_store (BfyRefreshRun *run, GError *error)
{
  g_autoptr (GError) owned = error;
  gboolean is_gone = g_error_matches (owned, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING);

  /* A keyring that cannot be read now says nothing about what is in it: that is found out when the
   * record is adopted. */
  if (!bfy_refresh_run_is_over (run) && !is_gone &&
      bfy_refresh_digest (run->old) == run->asked_with)
    {
      bfy_refresh_run_store (run);
      return;
    }

  bfy_refresh_run_drop_record (run);
  bfy_refresh_run_finish (run, g_steal_pointer (&owned));
}

static void
take (BfyRefreshRun *run, BfyTokenAnswer *answer)
{
  g_autoptr (GError) error = NULL;

  run->renewed =
      bfy_token_answer_merge (answer, run->old, run->old->source, bfy_agent_now_s (), &error);
  if (run->renewed == NULL)
    {
      answer->outcome = BFY_TOKEN_UNUSABLE;
      g_free (answer->problem);
      answer->problem = g_strdup (error->message);
      give_up (run, answer);
      return;
    }

  bfy_refresh_run_write_record (run);
  if (has_changed (run))
    bfy_refresh_run_read (run, on_read_before_store);
  else
    bfy_refresh_run_store (run);
}

/* Somebody without our lock may have been faster (craft G04): then the token is void because there
 * is a new one. */
static void
on_read_again (BfyRefreshRun *run, GError *error)
{
  g_autoptr (BfyTokenAnswer) answer = g_steal_pointer (&run->answer);
  g_autoptr (GError) owned = error;

  if (bfy_refresh_run_is_over (run))
    {
      bfy_refresh_run_finish (run, NULL);
      return;
    }
  if (owned == NULL && bfy_refresh_digest (run->old) != run->asked_with)
    {
      take_what_is_there (run);
      return;
    }

  run->was_refused = TRUE;
  give_up (run, answer);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyRefreshRun) run = user_data;
  GError *error = NULL;
  g_autoptr (BfyTokenAnswer) answer = bfy_token_finish (result, &error);

  if (answer == NULL || bfy_refresh_run_is_over (run))
    {
      bfy_refresh_run_finish (run, error);
      return;
    }

  switch (bfy_refresh_decide (answer->outcome))
    {
    case BFY_REFRESH_TAKE:
      take (run, answer);
      break;
    case BFY_REFRESH_RETRY:
      give_up (run, answer);
      break;
    case BFY_REFRESH_LOGIN:
      run->answer = g_steal_pointer (&answer);
      bfy_refresh_run_read (run, on_read_again);
      break;
    }
}

static void
ask (BfyRefreshRun *run)
{
  BfyAgent *agent = run->self->agent;
  BfyOAuthSource *source = run->old->source;
  g_autoptr (GError) error = NULL;

  /* The keyring may still take the answer. */
  if (!bfy_recovery_file_prepare (agent->state_dir, &error))
    g_warning ("There can be no recovery record for “%s”: %s", run->binding->name, error->message);
  run->asked_with = bfy_refresh_digest (run->old);
  if (source->is_client_credentials)
    bfy_token_client_credentials_async (agent, run->binding, source, run->cancellable, on_answer,
                                        bfy_refresh_run_ref (run));
  else
    bfy_token_refresh_async (agent, run->binding, source, run->old->refresh, run->cancellable,
                             on_answer, bfy_refresh_run_ref (run));
}

/* --- One after the other --- */

static void
decide (BfyRefreshRun *run)
{
  if (!run->renews || is_good (run))
    {
      take_what_is_there (run);
      return;
    }
  if (!bfy_refresh_can_renew (run->old) || run->entry->refused == bfy_refresh_digest (run->old))
    {
      bfy_refresh_note_needs_login (run);
      bfy_refresh_run_finish (run, bfy_refresh_new_login_error (run->binding));
      return;
    }

  ask (run);
}

/* What a killed agent was about to name may be cut short anywhere. What is whole gets its name
 * before anything else is written. */
static gboolean
open_unnamed (BfyRefreshRun *run)
{
  const char *state_dir = run->self->agent->state_dir;
  g_autoptr (GBytes) record = bfy_recovery_file_read_unnamed (state_dir, run->binding->id);
  g_autoptr (GError) error = NULL;

  if (record == NULL)
    return FALSE;
  run->renewed = bfy_recovery_record_open (record, run->binding->id, run->old, NULL);
  if (run->renewed == NULL)
    return FALSE;

  if (!bfy_recovery_file_name (state_dir, run->binding->id, &error))
    g_warning ("A recovery record of “%s” stays without its name: %s", run->binding->name,
               error->message);
  run->record = g_steal_pointer (&record);

  return TRUE;
}

static gboolean
open_record (BfyRefreshRun *run, GBytes *record)
{
  g_autoptr (GError) error = NULL;

  run->renewed = bfy_recovery_record_open (record, run->binding->id, run->old, &error);
  if (run->renewed == NULL)
    g_warning ("“%s”: %s", run->binding->name, error->message);
  else
    run->record = g_bytes_ref (record);

  return run->renewed != NULL;
}

/* The successor that a record holds, if there is one. */
static gboolean
adopt (BfyRefreshRun *run)
{
  g_autoptr (GBytes) record = bfy_refresh_run_find_record (run);
  gboolean is_ours = record != NULL && bfy_recovery_record_succeeds (record, run->old);

  if (is_ours ? !open_record (run, record) : !open_unnamed (run))
    {
      /* Overtaken; but one that is damaged stays for who can read it. */
      if (!is_ours)
        bfy_refresh_run_drop_record (run);
      return FALSE;
    }

  run->is_adopting = TRUE;
  bfy_refresh_run_store (run);

  return TRUE;
}

static void
on_read (BfyRefreshRun *run, GError *error)
{
  if (error != NULL || bfy_refresh_run_is_over (run))
    {
      bfy_refresh_run_finish (run, error);
      return;
    }
  if (!adopt (run))
    decide (run);
}

void
bfy_refresh_run_go_on_stored (BfyRefreshRun *run, GError *error)
{
  g_autoptr (GError) owned = error;

  if (bfy_refresh_run_is_over (run))
    {
      bfy_refresh_run_finish (run, NULL);
      return;
    }
  if (owned != NULL)
    bfy_refresh_run_remember (run, run->renewed);
  if (!run->is_adopting)
    {
      bfy_refresh_run_finish (run, NULL);
      return;
    }

  run->is_adopting = FALSE;
  g_clear_pointer (&run->record, g_bytes_unref);
  g_clear_pointer (&run->old, bfy_credential_free);
  run->old = g_steal_pointer (&run->renewed);
  if (owned == NULL)
    decide (run);
  else if (bfy_refresh_judge_now (run->binding, run->old) == BFY_EXPIRED)
    bfy_refresh_run_finish (run, g_steal_pointer (&owned));
  else
    bfy_refresh_run_finish (run, NULL);
}
