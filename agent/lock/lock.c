/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/footprint.h"
#include "agent/grant/grants.h"
#include "agent/lock/brake.h"
#include "agent/lock/lock-private.h"
#include "agent/network/network.h"
#include "agent/prompt/prompts.h"
#include "protocol/error.h"

#define LOCKED_TEXT "The agent is locked; bindify unlock opens it again"
#define FROZEN_TEXT "Everything is frozen; bindify thaw lets it go on"

/* Once more when the calls that led here have returned. */
static gboolean
on_idle (gpointer user_data)
{
  BfyLock *self = user_data;

  self->idle_id = 0;
  bfy_footprint_clear_stack ();

  return G_SOURCE_REMOVE;
}

/* Credentials are what it all is about; the rest follows what happens to them. */
void
bfy_lock_apply (BfyLock *self)
{
  BfyAgent *agent = self->agent;
  gboolean is_locked = bfy_lock_get_state (self) != BFY_LOCK_OPEN;
  gboolean is_closed = is_locked || (self->record.is_frozen && !self->is_sparing);

  if (!is_closed)
    {
      bfy_credentials_unlock (agent->credentials);
      return;
    }

  if (is_locked)
    bfy_credentials_explain_lock (agent->credentials, BFY_ERROR_LOCKED, LOCKED_TEXT);
  else
    bfy_credentials_explain_lock (agent->credentials, BFY_ERROR_FROZEN, FROZEN_TEXT);
  bfy_credentials_lock (agent->credentials);
  if (is_locked && agent->grants != NULL)
    bfy_grants_note_locked (agent->grants);
  if (is_locked && agent->prompts != NULL)
    bfy_prompts_refuse_all (agent->prompts, NULL, BFY_ERROR_LOCKED, LOCKED_TEXT);
  bfy_network_renew (agent->network);
  bfy_footprint_clear_stack ();
  if (self->idle_id == 0)
    self->idle_id = g_idle_add (on_idle, self);
}

static gboolean
save (BfyLock *self, const BfyLockRecord *record, GError **error)
{
  g_autoptr (GBytes) bytes = bfy_lock_record_write (record);

  return bfy_store_set_state (self->agent->store, BFY_LOCK_STATE, bytes, error);
}

gboolean
bfy_lock_loosen (BfyLock *self, const BfyLockRecord *record, GError **error)
{
  if (!save (self, record, error))
    return FALSE;

  self->record = *record;
  bfy_lock_apply (self);

  return TRUE;
}

gboolean
bfy_lock_tighten (BfyLock *self, const BfyLockRecord *record, const char *what, GError **error)
{
  self->record = *record;
  bfy_lock_apply (self);
  if (save (self, record, error))
    return TRUE;

  g_prefix_error (error, "%s, but only until the agent ends: ", what);

  return FALSE;
}

static void
set_flag (gboolean *flag, gboolean value)
{
  if (flag != NULL)
    *flag = value;
}

const char *
bfy_lock_state_to_wire (BfyLockState state)
{
  static const char *const names[] = { "open", "screen", "plain", "passphrase" };

  return names[state];
}

BfyLockState
bfy_lock_get_state (const BfyLock *self)
{
  if (self == NULL)
    return BFY_LOCK_OPEN;
  if (self->record.lock.is_set)
    return BFY_LOCK_PASSPHRASE;
  if (self->record.is_plain)
    return BFY_LOCK_PLAIN;

  return self->record.held != 0 ? BFY_LOCK_SCREEN : BFY_LOCK_OPEN;
}

gboolean
bfy_lock_is_screen_locked (const BfyLock *self)
{
  return self->is_screen_locked;
}

gboolean
bfy_lock_is_frozen (const BfyLock *self)
{
  return self->record.is_frozen;
}

gboolean
bfy_lock_check_thawed (const BfyLock *self, GError **error)
{
  if (self == NULL || !self->record.is_frozen)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FROZEN, FROZEN_TEXT);

  return FALSE;
}

gint64
bfy_lock_get_wait_ms (const BfyLock *self)
{
  return bfy_throttle_wait_ms (&self->throttle, g_get_monotonic_time ());
}

static void
describe_kdf (JsonObject *object, const char *name, const BfyVerifier *verifier)
{
  if (verifier->is_set)
    json_object_set_object_member (object, name, bfy_kdf_to_json (&verifier->kdf));
  else
    json_object_set_null_member (object, name);
}

JsonObject *
bfy_lock_describe (const BfyLock *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "state",
                                 bfy_lock_state_to_wire (bfy_lock_get_state (self)));
  json_object_set_boolean_member (object, "frozen", self->record.is_frozen);
  json_object_set_boolean_member (object, "screen_locked", self->is_screen_locked);
  json_object_set_boolean_member (object, "logind",
                                  self->logind != NULL && bfy_logind_is_there (self->logind));
  describe_kdf (object, "kdf", &self->record.lock);
  describe_kdf (object, "approval_kdf", &self->record.approval);
  json_object_set_int_member (object, "wait_ms", bfy_lock_get_wait_ms (self));

  return object;
}

gboolean
bfy_lock_close (
    BfyLock *self, const BfyKdf *kdf, const BfySecret *key, gboolean *has_changed, GError **error)
{
  BfyLockRecord record = self->record;

  set_flag (has_changed, FALSE);
  if (record.lock.is_set || (record.is_plain && key == NULL))
    {
      bfy_lock_apply (self);
      return TRUE;
    }
  if (key != NULL && !bfy_verifier_set (&record.lock, kdf, key, error))
    return FALSE;
  record.is_plain = key == NULL;
  set_flag (has_changed, TRUE);

  return bfy_lock_tighten (self, &record, "The agent is locked", error);
}

gboolean
bfy_lock_may_try (const BfyLock *self, GError **error)
{
  gint64 wait_ms = bfy_lock_get_wait_ms (self);

  if (wait_ms == 0)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_RATE_LIMITED,
               "After a wrong passphrase the next one counts only in %d s; try again then",
               (int) ((wait_ms + 999) / 1000));

  return FALSE;
}

/* How often somebody has been wrong outlives the agent, too: else ending it would help. */
static void
remember_tries (BfyLock *self)
{
  g_autoptr (GError) error = NULL;

  self->record.n_wrong = self->throttle.n_wrong;
  if (!save (self, &self->record, &error))
    g_warning ("That a passphrase was wrong is not recorded: %s", error->message);
}

void
bfy_lock_note_wrong (BfyLock *self)
{
  bfy_throttle_note_wrong (&self->throttle, g_get_monotonic_time ());
  remember_tries (self);
}

static gboolean
try_key (BfyLock *self, const BfyVerifier *verifier, const BfySecret *key, GError **error)
{
  if (!bfy_lock_may_try (self, error))
    return FALSE;
  if (bfy_verifier_fits (verifier, key))
    {
      bfy_throttle_note_right (&self->throttle);
      self->record.n_wrong = 0;
      return TRUE;
    }

  bfy_lock_note_wrong (self);
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED, "That is not the passphrase");

  return FALSE;
}

gboolean
bfy_lock_force_open (BfyLock *self, gboolean *has_changed, GError **error)
{
  BfyLockRecord record = self->record;

  set_flag (has_changed, FALSE);
  if (bfy_lock_get_state (self) == BFY_LOCK_OPEN)
    return TRUE;

  bfy_verifier_clear (&record.lock);
  record.is_plain = FALSE;
  record.held = 0;
  if (!bfy_lock_loosen (self, &record, error))
    return FALSE;
  set_flag (has_changed, TRUE);

  return TRUE;
}

gboolean
bfy_lock_open (BfyLock *self, const BfySecret *key, gboolean *has_changed, GError **error)
{
  set_flag (has_changed, FALSE);
  if (self->record.lock.is_set && key == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_LOCKED,
                           "The agent is locked with a passphrase, and only that opens it");
      return FALSE;
    }
  if (self->record.lock.is_set && !try_key (self, &self->record.lock, key, error))
    return FALSE;

  return bfy_lock_force_open (self, has_changed, error);
}

gboolean
bfy_lock_freeze (BfyLock *self, gboolean *has_changed, GError **error)
{
  BfyAgent *agent = self->agent;
  BfyLockRecord record = self->record;

  set_flag (has_changed, !record.is_frozen);
  record.is_frozen = TRUE;
  /* First, so that nothing new begins while the rest is ended. */
  self->record.is_frozen = TRUE;
  if (agent->prompts != NULL)
    bfy_prompts_refuse_all (agent->prompts, NULL, BFY_ERROR_FROZEN, FROZEN_TEXT);
  if (agent->grants != NULL)
    bfy_grants_revoke_all (agent->grants, NULL);
  bfy_brake_pull (agent, FROZEN_TEXT);

  return bfy_lock_tighten (self, &record, "Everything is frozen", error);
}

gboolean
bfy_lock_thaw (BfyLock *self, gboolean *has_changed, GError **error)
{
  BfyLockRecord record = self->record;

  set_flag (has_changed, record.is_frozen);
  if (!record.is_frozen)
    return TRUE;
  record.is_frozen = FALSE;

  return bfy_lock_loosen (self, &record, error);
}

void
bfy_lock_spare_credentials (BfyLock *self, gboolean is_spared)
{
  self->is_sparing = is_spared;
  if (!is_spared)
    bfy_lock_apply (self);
}

gboolean
bfy_lock_has_approval_passphrase (const BfyLock *self)
{
  return self->record.approval.is_set;
}

void
bfy_lock_check_approval_async (BfyLock *self,
                               BfySecret *key,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  GError *error = NULL;

  g_task_set_source_tag (task, bfy_lock_check_approval_async);
  if (try_key (self, &self->record.approval, key, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

gboolean
bfy_lock_check_approval_finish (BfyLock *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
bfy_lock_set_approval (BfyLock *self,
                       const BfySecret *old_key,
                       const BfyKdf *kdf,
                       const BfySecret *key,
                       GError **error)
{
  BfyLockRecord record;

  if (self->record.approval.is_set && old_key == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                           "There is a passphrase for answers already, and only who knows it may "
                           "change it");
      return FALSE;
    }
  if (self->record.approval.is_set && !try_key (self, &self->record.approval, old_key, error))
    return FALSE;

  record = self->record;
  bfy_verifier_clear (&record.approval);

  return (key == NULL || bfy_verifier_set (&record.approval, kdf, key, error)) &&
         bfy_lock_loosen (self, &record, error);
}
