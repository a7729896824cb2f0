/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What must never happen is that a refresh token gets lost: the server gives out a new one with
 * every renewal and makes the old one void, so between its answer and the moment that the new one
 * is durable there must be as little as possible (behaviour 7, craft 1.9.3).
 *
 *   1. the file lock, so that no other agent asks with the same token
 *   2. the credential is read from the keyring again: another agent may have renewed it
 *   3. a record of a renewal that was cut short is adopted (behaviour 7.11)
 *   4. the token endpoint is asked
 *   5. its answer goes into a recovery record, before the main loop runs again
 *   6. into the keyring, is read back and compared
 *   7. the record is removed; only now is the new access token used
 *
 * Killed after 5, the next agent goes on from 3; before 4, the old token is good. What remains is
 * the time from the server's decision until its answer has come and is written: there the protocol
 * has no remedy, and a server that rotates will want a login. When the keyring refuses in 6, the
 * record stays, the new token is used, and nothing is renewed until the keyring has it. */

#include <time.h>

#include "agent/oauth/refresh-private.h"
#include "protocol/error.h"

static BfyRefreshEntry *
find_entry (BfyRefresher *self, const BfyBinding *binding)
{
  return g_hash_table_lookup (self->entries, binding->id);
}

static BfyRefreshEntry *
take_entry (BfyRefresher *self, const BfyBinding *binding)
{
  BfyRefreshEntry *entry = find_entry (self, binding);

  if (entry != NULL)
    return entry;

  entry = g_new0 (BfyRefreshEntry, 1);
  entry->id = g_strdup (binding->id);
  g_hash_table_insert (self->entries, entry->id, entry);

  return entry;
}

/* Runs on in suspend, and nobody sets it: right for pauses (craft 1.10). */
gint64
bfy_refresh_boottime_us (void)
{
  struct timespec now = { 0 };

  clock_gettime (CLOCK_BOOTTIME, &now);

  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

BfyFreshness
bfy_refresh_judge_now (const BfyBinding *binding, const BfyCredential *credential)
{
  if (credential->type != BFY_CREDENTIAL_OAUTH_TOKEN || credential->expires_at_s == 0)
    return BFY_FRESH;

  return bfy_refresh_judge (credential->issued_at_s, credential->expires_at_s, bfy_agent_now_s (),
                            g_str_hash (binding->id));
}

static gint64
pause_left_s (const BfyRefreshEntry *entry)
{
  gint64 left_us = entry != NULL ? entry->wait_until_us - bfy_refresh_boottime_us () : 0;

  return left_us > 0 ? (left_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC : 0;
}

gint64
bfy_refresher_wait_s (BfyRefresher *self, const BfyBinding *binding)
{
  const BfyRefreshEntry *entry = find_entry (self, binding);

  /* One that is under way will be over by then, as likely as not. */
  return entry != NULL && entry->run != NULL ? 1 : pause_left_s (entry);
}

gboolean
bfy_refresher_is_cooling_down (BfyRefresher *self, const BfyBinding *binding)
{
  return pause_left_s (find_entry (self, binding)) > 0;
}

static BfyRefreshRun *
start_run (BfyRefresher *self, BfyBinding *binding, BfyRefreshEntry *entry)
{
  BfyRefreshRun *run = bfy_refresh_run_new (self, binding, entry);
  const BfyCredential *known = bfy_credentials_peek (self->agent->credentials, binding);

  entry->run = run;
  run->seen = known != NULL ? bfy_secret_ref (known->secret) : NULL;

  return run;
}

/* Beside requests that can do with what there is. */
static void
begin_beside (BfyRefresher *self, BfyBinding *binding)
{
  BfyBinding *current = bfy_registry_find_by_id (self->agent->registry, binding->id);
  BfyRefreshEntry *entry = current != NULL ? take_entry (self, current) : NULL;

  if (entry == NULL || entry->run != NULL || entry->unsaved != NULL || entry->refused != 0 ||
      pause_left_s (entry) > 0)
    return;

  g_autoptr (BfyRefreshRun) run = start_run (self, current, entry);

  run->renews = TRUE;
  bfy_refresh_run_start (run);
}

BfyFreshness
bfy_refresher_check (BfyRefresher *self, BfyBinding *binding, const BfyCredential *credential)
{
  BfyFreshness freshness =
      credential != NULL ? bfy_refresh_judge_now (binding, credential) : BFY_FRESH;

  if (freshness != BFY_DUE)
    return freshness;
  if (binding->is_sealed || !bfy_refresh_can_renew (credential))
    return BFY_FRESH;
  begin_beside (self, binding);

  return BFY_DUE;
}

void
bfy_refresh_begin_saving (BfyRefresher *self, BfyBinding *binding)
{
  BfyRefreshEntry *entry = take_entry (self, binding);

  /* Without a client's key there is nothing to do for a sealed one, and with a locked agent nothing
   * for any. */
  if (entry->run != NULL || binding->is_sealed ||
      !bfy_credentials_check_unlocked (self->agent->credentials, NULL))
    return;

  g_autoptr (BfyRefreshRun) run = start_run (self, binding, entry);

  bfy_refresh_run_start (run);
}

/* Whether what is in memory is an answer already. */
static gboolean
has_answer (BfyRefresher *self,
            BfyBinding *binding,
            BfyRenewReason reason,
            const BfySecret *refused)
{
  const BfyCredential *known = bfy_credentials_peek (self->agent->credentials, binding);

  if (known == NULL || bfy_refresh_judge_now (binding, known) == BFY_EXPIRED)
    return FALSE;

  switch (reason)
    {
    case BFY_RENEW_EXPIRED:
      return TRUE;
    case BFY_RENEW_REFUSED:
      return refused != NULL && !bfy_secret_equal (known->secret, refused);
    case BFY_RENEW_TIMER:
    case BFY_RENEW_PERSON:
      break;
    }

  return FALSE;
}

/* A token that is void does not stop the one that has come into its place since. */
static void
look_for_sign_in (BfyRefresher *self, const BfyBinding *binding, BfyRefreshEntry *entry)
{
  const BfyCredential *known = bfy_credentials_peek (self->agent->credentials, binding);

  if (entry->refused == 0 || known == NULL || bfy_refresh_digest (known) == entry->refused)
    return;

  entry->refused = 0;
  entry->wait_until_us = 0;
}

/* Why it is not tried now; NULL when it is. (transfer full) */
static GError *
find_obstacle (BfyRefresher *self,
               BfyBinding *binding,
               BfyRefreshEntry *entry,
               BfyRenewReason reason)
{
  GError *error = NULL;

  if (!bfy_credentials_check_unlocked (self->agent->credentials, &error))
    return error;
  if (reason == BFY_RENEW_REFUSED && entry->futile_until_us > bfy_refresh_boottime_us ())
    return bfy_refresh_new_login_error (binding);
  look_for_sign_in (self, binding, entry);
  if (reason == BFY_RENEW_PERSON || pause_left_s (entry) == 0)
    return NULL;

  return entry->refused != 0 ? bfy_refresh_new_login_error (binding)
                             : bfy_refresh_new_cooldown_error (self, binding);
}

static void
note_caller (BfyRefreshRun *run, BfyRenewReason reason, BfySecret *refused, BfyRequest *request)
{
  const BfySecret *proof = request != NULL ? bfy_request_get_proof (request) : NULL;
  BfyClient *client = request != NULL ? bfy_request_get_client (request) : NULL;

  run->renews = TRUE;
  run->is_forced |= reason != BFY_RENEW_EXPIRED;
  run->is_urgent |= reason != BFY_RENEW_TIMER;
  run->may_ask |= request != NULL && !bfy_request_is_quiet (request);
  if (refused != NULL && run->seen == NULL)
    run->seen = bfy_secret_ref (refused);
  if (run->proof == NULL && proof != NULL && client != NULL)
    {
      run->proof = bfy_secret_ref ((BfySecret *) proof);
      run->client_id = g_strdup (client->id);
    }
}

void
bfy_refresher_renew_async (BfyRefresher *self,
                           BfyBinding *binding,
                           BfyRenewReason reason,
                           BfySecret *refused,
                           BfyRequest *request,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  BfyBinding *current = bfy_registry_find_by_id (self->agent->registry, binding->id);
  BfyRefreshEntry *entry = NULL;
  g_autoptr (BfyRefreshRun) run = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, bfy_refresher_renew_async);
  g_task_set_check_cancellable (task, FALSE);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (current != NULL && !current->is_sealed && has_answer (self, current, reason, refused))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (current == NULL)
    error =
        g_error_new (BFY_ERROR, BFY_ERROR_NOT_FOUND, "The binding “%s” has gone", binding->name);
  else
    entry = take_entry (self, current);
  if (entry != NULL && entry->run == NULL)
    error = find_obstacle (self, current, entry, reason);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  if (entry->run != NULL)
    {
      note_caller (entry->run, reason, refused, request);
      bfy_refresh_run_join (entry->run, g_steal_pointer (&task));
      return;
    }
  run = start_run (self, current, entry);
  note_caller (run, reason, refused, request);
  bfy_refresh_run_join (run, g_steal_pointer (&task));
  bfy_refresh_run_start (run);
}

gboolean
bfy_refresher_renew_finish (BfyRefresher *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
bfy_refresher_note_refusal (BfyRefresher *self, const BfyBinding *binding)
{
  take_entry (self, binding)->futile_until_us =
      bfy_refresh_boottime_us () + BFY_REFRESH_COOLDOWN_S * G_USEC_PER_SEC;
}

void
bfy_refresher_note_success (BfyRefresher *self, const BfyBinding *binding)
{
  BfyRefreshEntry *entry = find_entry (self, binding);

  if (entry != NULL)
    entry->futile_until_us = 0;
}
