/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/lock/lock-record.h"

/* The agent's own lock, as ssh-add -x means it, and its emergency brake. Both outlive the agent:
 * killing it opens nothing. */
typedef struct _BfyLock BfyLock;

/* Reads what was left in the store and locks the credentials at once if it says so. What cannot be
 * understood there counts as locked with a passphrase that nobody knows: the keyring's opens it.
 * @triggers: set of BfyHeld, what else locks. */
BfyLock *bfy_lock_new (BfyAgent *agent, guint triggers, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Looks for logind, which need not be there. */
void bfy_lock_watch_logind (BfyLock *self);
/* What locks from now on. What holds it locked by now goes on doing so. */
void bfy_lock_set_triggers (BfyLock *self, guint triggers);
void bfy_lock_stop (BfyLock *self);
void bfy_lock_free (BfyLock *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyLock, bfy_lock_free)

/* Why it is locked, the strictest that holds. */
typedef enum
{
  BFY_LOCK_OPEN,
  BFY_LOCK_SCREEN,     /* until the screen is unlocked, or “unlock” */
  BFY_LOCK_PLAIN,      /* by hand, without a passphrase */
  BFY_LOCK_PASSPHRASE, /* until the same passphrase is given */
} BfyLockState;

/* "open", "screen", "plain", "passphrase". Static. */
const char *bfy_lock_state_to_wire (BfyLockState state);
BfyLockState bfy_lock_get_state (const BfyLock *self);
gboolean bfy_lock_is_screen_locked (const BfyLock *self);
/* After `freeze`: everything is refused, and nothing but `thaw` changes that. */
gboolean bfy_lock_is_frozen (const BfyLock *self);
/* FALSE and BFY_ERROR_FROZEN. On the way of every request. */
gboolean bfy_lock_check_thawed (const BfyLock *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* state, frozen, screen_locked, logind, kdf (null unless a passphrase opens it), approval_kdf (null
 * unless one is set), wait_ms before the next passphrase counts. (transfer full) */
JsonObject *bfy_lock_describe (const BfyLock *self);

/* By hand. @kdf, @key (nullable): of the passphrase that is to open it. TRUE: it is locked, and
 * stays so however the agent ends; @has_changed (nullable): it was not, or not as strictly. One
 * that is locked with a passphrase keeps that. BFY_ERROR_STORAGE: it is locked, until the agent
 * ends. */
gboolean bfy_lock_close (BfyLock *self,
                         const BfyKdf *kdf,
                         const BfySecret *key,
                         gboolean *has_changed,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Opens whatever has locked it. @key (nullable): derived from the passphrase that was typed.
 * BFY_ERROR_LOCKED when one is needed, BFY_ERROR_DENIED when it is wrong, BFY_ERROR_RATE_LIMITED
 * when it comes too soon after a wrong one: then it was not even looked at. */
gboolean bfy_lock_open (BfyLock *self, const BfySecret *key, gboolean *has_changed, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The same for whoever has shown that the keyring is theirs (keyring-unlock.h). */
gboolean bfy_lock_force_open (BfyLock *self,
                              gboolean *has_changed,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Tries that are judged elsewhere and count here. FALSE and BFY_ERROR_RATE_LIMITED. */
gboolean bfy_lock_may_try (const BfyLock *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_lock_note_wrong (BfyLock *self);
gint64 bfy_lock_get_wait_ms (const BfyLock *self);

/* Nothing goes any more, and what is under way ends: grants, questions, requests, credentials in
 * memory. Requests end in the next turn of the main loop. BFY_ERROR_STORAGE: it is frozen, until
 * the agent ends. */
gboolean
bfy_lock_freeze (BfyLock *self, gboolean *has_changed, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A lock that holds besides goes on. */
gboolean
bfy_lock_thaw (BfyLock *self, gboolean *has_changed, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* While the agent itself gives credentials back to those who issued them, it may read them although
 * it is frozen. To be ended with FALSE. */
void bfy_lock_spare_credentials (BfyLock *self, gboolean is_spared);

/* A passphrase that whoever answers must give, if the person has set one. Wrong tries
 * make the next ones wait, and nobody else. @key: derived from what was typed with
 * bfy_lock_get_approval_kdf(), by whoever asked for it. BFY_ERROR_DENIED, BFY_ERROR_RATE_LIMITED.
 */
gboolean bfy_lock_has_approval_passphrase (const BfyLock *self);
void bfy_lock_check_approval_async (BfyLock *self,
                                    BfySecret *key,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean bfy_lock_check_approval_finish (BfyLock *self,
                                         GAsyncResult *result,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* @old_key: needed when one is set. @kdf, @key (nullable): NULL for none any more. */
gboolean bfy_lock_set_approval (BfyLock *self,
                                const BfySecret *old_key,
                                const BfyKdf *kdf,
                                const BfySecret *key,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
