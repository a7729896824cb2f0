/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What came of a renewal, for the registry, the events and those who asked (behaviour 7.7, 7.12,
 * 21.3). Nothing that was fetched gets in but an OAuth error code, which is a plain word. */

#include <string.h>

#include "agent/oauth/refresh-private.h"
#include "protocol/blob.h"
#include "protocol/error.h"

#define SAME_FAILURE_S 3600 /* is told once; behaviour 21.8 */
#define REWRITE_AFTER_S 1   /* doubling */
#define REWRITE_AFTER_MAX_S 300

guint64
bfy_refresh_digest (const BfyCredential *credential)
{
  const BfySecret *token = credential->refresh != NULL ? credential->refresh : credential->secret;
  guint8 id[BFY_BLOB_KEY_ID_BYTES];
  guint64 digest;

  G_STATIC_ASSERT (sizeof id == sizeof digest);
  if (!bfy_blob_make_key_id (token, id, NULL))
    return G_MAXUINT64;
  memcpy (&digest, id, sizeof digest);

  return MAX (digest, 1);
}

/* --- Errors --- */

GError *
bfy_refresh_new_login_error (const BfyBinding *binding)
{
  return g_error_new (BFY_ERROR, BFY_ERROR_NEEDS_LOGIN,
                      "The sign-in of “%s” has ended; bindify login %s signs in again",
                      binding->name, binding->name);
}

GError *
bfy_refresh_new_cooldown_error (BfyRefresher *self, const BfyBinding *binding)
{
  const BfyRefreshEntry *entry = g_hash_table_lookup (self->entries, binding->id);
  const char *why = entry != NULL ? entry->failure : NULL;

  return g_error_new (BFY_ERROR, BFY_ERROR_REFRESH_COOLDOWN,
                      "A new token for “%s” cannot be had just now%s%s%s; it is tried again by "
                      "itself, so repeat this in %" G_GINT64_FORMAT " s",
                      binding->name, why != NULL ? " (" : "", why != NULL ? why : "",
                      why != NULL ? ")" : "", MAX (bfy_refresher_wait_s (self, binding), 1));
}

GError *
bfy_refresh_new_changed_error (const BfyBinding *binding)
{
  return g_error_new (BFY_ERROR, BFY_ERROR_REFRESH_COOLDOWN,
                      "The credential of “%s” is being changed just now; try again", binding->name);
}

GError *
bfy_refresh_new_ending_error (void)
{
  return g_error_new_literal (BFY_ERROR, BFY_ERROR_CANCELLED, "The agent is ending");
}

/* --- Events --- */

static void
append_event (BfyRefreshRun *run, const char *category, const char *detail, guint status)
{
  BfyEvent *event = bfy_agent_new_event ("token_refresh", run->binding, NULL);
  gboolean is_success = g_str_equal (category, "success");

  event->category = g_strdup (category);
  event->detail = g_strdup (detail);
  event->status = status;
  event->outcome = is_success ? BFY_OUTCOME_SUCCESS : BFY_OUTCOME_FAILURE;
  bfy_store_append_event (run->self->agent->store, event, TRUE);
}

/* TRUE when it is not the last one once more. */
static gboolean
is_new_failure (BfyRefreshEntry *entry, const char *failure)
{
  gint64 now_s = bfy_refresh_boottime_us () / G_USEC_PER_SEC;

  if (g_strcmp0 (entry->failure, failure) == 0 && now_s - entry->failed_at_s < SAME_FAILURE_S)
    return FALSE;

  g_free (entry->failure);
  entry->failure = g_strdup (failure);
  entry->failed_at_s = now_s;

  return TRUE;
}

/* --- Success --- */

void
bfy_refresh_note_success (BfyRefreshRun *run)
{
  BfyRegistry *registry = run->self->agent->registry;
  const BfyCredential *renewed = run->renewed;
  BfyRefreshEntry *entry = run->entry;
  gint64 now_s = bfy_agent_now_s ();

  if (entry != NULL)
    {
      entry->n_failures = 0;
      entry->wait_until_us = 0;
      entry->refused = 0;
      entry->n_rewrites = 0;
      g_clear_pointer (&entry->failure, g_free);
      g_clear_handle_id (&entry->rewrite_source, g_source_remove);
    }
  bfy_registry_set_tokens (registry, run->binding->id, renewed->expires_at_s, now_s,
                           bfy_refresh_can_renew (renewed));
  bfy_registry_set_state (registry, run->binding->id, BFY_STATE_OK, now_s);
  append_event (run, "success", run->is_adopting ? "recovered after an interruption" : NULL, 0);
}

/* --- What the keyring did not take --- */

typedef struct
{
  BfyRefresher *self; /* borrowed: the source goes with the entry, which goes before it */
  char *id;           /* (owned) */
} Rewrite;

static void
rewrite_free (gpointer data)
{
  Rewrite *rewrite = data;

  g_free (rewrite->id);
  g_free (rewrite);
}

static gboolean
on_rewrite_time (gpointer user_data)
{
  Rewrite *rewrite = user_data;
  BfyRefresher *self = rewrite->self;
  BfyRefreshEntry *entry = g_hash_table_lookup (self->entries, rewrite->id);
  BfyBinding *binding = bfy_registry_find_by_id (self->agent->registry, rewrite->id);

  if (!bfy_credentials_check_unlocked (self->agent->credentials, NULL))
    return G_SOURCE_CONTINUE;
  entry->rewrite_source = 0;
  if (binding != NULL)
    bfy_refresh_begin_saving (self, binding);

  return G_SOURCE_REMOVE;
}

void
bfy_refresh_arm_rewrite (BfyRefreshRun *run)
{
  BfyRefreshEntry *entry = run->entry;
  guint delay_s = REWRITE_AFTER_S;
  Rewrite *rewrite;

  /* Without a client's key nothing can be done for a sealed one. */
  if (entry == NULL || entry->unsaved == NULL || entry->rewrite_source != 0 ||
      run->binding->is_sealed)
    return;

  delay_s = MIN (delay_s << MIN (entry->n_rewrites, 10), REWRITE_AFTER_MAX_S);
  entry->n_rewrites++;
  rewrite = g_new0 (Rewrite, 1);
  rewrite->self = run->self;
  rewrite->id = g_strdup (entry->id);
  entry->rewrite_source = g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, delay_s, on_rewrite_time,
                                                      rewrite, rewrite_free);
}

void
bfy_refresh_note_unsaved (BfyRefreshRun *run, const GError *error)
{
  BfyRegistry *registry = run->self->agent->registry;
  const BfyCredential *renewed = run->renewed;

  /* Once, and not with each attempt to write it again; always written, says behaviour 21.3. */
  if (!run->is_adopting || run->entry->n_rewrites == 0)
    {
      append_event (run, "store_write_failed", bfy_error_to_wire (bfy_error_code (error)), 0);
      g_warning ("The new token of “%s” cannot be stored and is kept in a recovery record: %s",
                 run->binding->name, error->message);
    }
  bfy_registry_set_tokens (registry, run->binding->id, renewed->expires_at_s, bfy_agent_now_s (),
                           bfy_refresh_can_renew (renewed));
  bfy_registry_set_state (registry, run->binding->id, BFY_STATE_UNSAVED, bfy_agent_now_s ());
  bfy_refresh_arm_rewrite (run);
}

/* --- Failure --- */

void
bfy_refresh_note_needs_login (BfyRefreshRun *run)
{
  bfy_registry_set_state (run->self->agent->registry, run->binding->id, BFY_STATE_NEEDS_LOGIN,
                          bfy_agent_now_s ());
}

/* In words that fit in brackets. */
static char *
describe (const BfyTokenAnswer *answer)
{
  if (answer->error != NULL && answer->status > 0)
    return g_strdup_printf ("HTTP %u, %s", answer->status, answer->error);
  if (answer->problem != NULL)
    return g_strdup (answer->problem);
  if (answer->status > 0)
    return g_strdup_printf ("HTTP %u", answer->status);

  return g_strdup ("no answer");
}

static void
cool_down (BfyRefreshEntry *entry, gint64 retry_after_s)
{
  entry->n_failures++;
  entry->wait_until_us = bfy_refresh_boottime_us () +
                         bfy_refresh_cooldown_s (entry->n_failures, retry_after_s) * G_USEC_PER_SEC;
}

void
bfy_refresh_note_failure (BfyRefreshRun *run, const BfyTokenAnswer *answer)
{
  g_autofree char *failure = describe (answer);

  cool_down (run->entry, answer->retry_after_s);
  if (run->was_refused)
    {
      run->entry->refused = run->asked_with;
      bfy_refresh_note_needs_login (run);
    }
  if (is_new_failure (run->entry, failure))
    append_event (run, bfy_refresh_failure_category (answer->outcome), failure, answer->status);
}

void
bfy_refresh_note_busy (BfyRefreshRun *run)
{
  if (!run->is_urgent)
    return;

  cool_down (run->entry, 0);
  if (is_new_failure (run->entry, "another agent is renewing it"))
    append_event (run, "refresh_failed", run->entry->failure, 0);
}
