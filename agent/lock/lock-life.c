/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>
#include <unistd.h>

#include "agent/lock/lock-private.h"
#include "agent/prompt/prompts.h"
#include "protocol/error.h"

static const char *
name_held (BfyHeld what)
{
  switch (what)
    {
    case BFY_HELD_SCREEN:
      return "screen";
    case BFY_HELD_SLEEP:
      return "suspend";
    case BFY_HELD_SESSION:
      return "session";
    }
  g_return_val_if_reached ("");
}

static void
record_change (BfyLock *self, BfyLockState before, BfyHeld what)
{
  BfyLockState now = bfy_lock_get_state (self);
  BfyEvent *event;

  if ((before == BFY_LOCK_OPEN) == (now == BFY_LOCK_OPEN))
    return;
  event = bfy_agent_new_event (now == BFY_LOCK_OPEN ? "unlocked" : "locked", NULL, NULL);
  event->client = g_strdup (BFY_AGENT_CLIENT);
  event->detail = g_strdup (name_held (what));
  bfy_store_append_event (self->agent->store, event, TRUE);
}

static void
hold_or_release (BfyLock *self, BfyHeld what, gboolean is_held)
{
  BfyLockRecord record = self->record;
  BfyLockState before = bfy_lock_get_state (self);
  g_autoptr (GError) error = NULL;
  gboolean is_kept;

  if (is_held)
    record.held |= what;
  else
    record.held &= ~(guint) what;
  if (record.held == self->record.held)
    return;

  is_kept = is_held ? bfy_lock_tighten (self, &record, "The agent is locked", &error)
                    : bfy_lock_loosen (self, &record, &error);
  if (!is_kept)
    g_warning ("What logind tells cannot be recorded: %s", error->message);
  record_change (self, before, what);
}

/* A lock that somebody has set by hand is not opened by anything that happens to the screen. */
static void
on_logind (BfyHeld what, gboolean is_held, gpointer user_data)
{
  BfyLock *self = user_data;

  if (what == BFY_HELD_SCREEN)
    {
      self->is_screen_locked = is_held;
      if (self->agent->prompts != NULL)
        bfy_prompts_set_screen_locked (self->agent->prompts, is_held);
    }
  if (!is_held || (self->triggers & what) != 0)
    hold_or_release (self, what, is_held);
}

/* A key that nobody can derive. */
static gboolean
seal_off (BfyLock *self, GError **error)
{
  BfyKdf kdf = {
    .algorithm = BFY_KDF_SCRYPT, .log2_n = BFY_KDF_LOG2_N_MIN, .r = BFY_KDF_R, .p = 1
  };
  BfyKdf random = kdf;
  g_autoptr (BfySecret) key = NULL;
  guint8 *bytes;

  if (!bfy_kdf_make_salt (&kdf, error) || !bfy_kdf_make_salt (&random, error))
    return FALSE;
  key = bfy_secret_new_blank (BFY_KDF_KEY_BYTES, &bytes);
  memcpy (bytes, kdf.salt, BFY_KDF_SALT_BYTES);
  memcpy (bytes + BFY_KDF_SALT_BYTES, random.salt, BFY_KDF_SALT_BYTES);

  return bfy_kdf_make_salt (&kdf, error) && bfy_verifier_set (&self->record.lock, &kdf, key, error);
}

static gboolean
load (BfyLock *self, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) local_error = NULL;

  if (!bfy_store_get_state (self->agent->store, BFY_LOCK_STATE, &bytes, error))
    return FALSE;
  if (bytes == NULL || bfy_lock_record_parse (&self->record, bytes, &local_error))
    return TRUE;

  g_warning ("%s: the agent stays locked, and bindify unlock --keyring opens it",
             local_error->message);

  return seal_off (self, error);
}

BfyLock *
bfy_lock_new (BfyAgent *agent, guint triggers, GError **error)
{
  g_autoptr (BfyLock) self = g_new0 (BfyLock, 1);

  self->agent = agent;
  self->triggers = triggers;
  if (!load (self, error))
    return NULL;

  bfy_throttle_init (&self->throttle, self->record.n_wrong, g_get_monotonic_time ());
  if (bfy_lock_get_state (self) != BFY_LOCK_OPEN || self->record.is_frozen)
    bfy_lock_apply (self);

  return g_steal_pointer (&self);
}

void
bfy_lock_watch_logind (BfyLock *self)
{
  if (self->logind == NULL)
    self->logind =
        bfy_logind_new (geteuid (), (self->triggers & BFY_HELD_SLEEP) != 0, on_logind, self);
}

/* Who no longer wants to be locked out with the screen waits for it to be unlocked once more: a
 * setting is no passphrase. */
void
bfy_lock_set_triggers (BfyLock *self, guint triggers)
{
  self->triggers = triggers;
  if (self->logind != NULL)
    bfy_logind_set_delays_sleep (self->logind, (triggers & BFY_HELD_SLEEP) != 0);
  if (self->is_screen_locked && (triggers & BFY_HELD_SCREEN) != 0)
    hold_or_release (self, BFY_HELD_SCREEN, TRUE);
}

void
bfy_lock_stop (BfyLock *self)
{
  g_clear_pointer (&self->logind, bfy_logind_free);
}

void
bfy_lock_free (BfyLock *self)
{
  if (self == NULL)
    return;

  bfy_lock_stop (self);
  g_clear_handle_id (&self->idle_id, g_source_remove);
  bfy_wipe (&self->record, sizeof self->record);
  g_free (self);
}
