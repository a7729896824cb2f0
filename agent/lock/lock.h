/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* The agent's own lock, as ssh-add -x means it, and its emergency brake. Both outlive the agent:
 * killing it opens nothing. */
typedef struct _BfyLock BfyLock;

/* Reads what was left in the store and locks the credentials at once if it says so. */
BfyLock *bfy_lock_new (BfyAgent *agent, GError **error) G_GNUC_WARN_UNUSED_RESULT;
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

BfyLockState bfy_lock_get_state (const BfyLock *self);
gboolean bfy_lock_is_screen_locked (const BfyLock *self);
/* After `freeze`: everything is refused, and nothing but `thaw` changes that. */
gboolean bfy_lock_is_frozen (const BfyLock *self);
/* FALSE and BFY_ERROR_FROZEN. On the way of every request. */
gboolean bfy_lock_check_thawed (const BfyLock *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A passphrase that whoever answers in a terminal must give, if the person has set one. Slow, in
 * the background; wrong tries make the next ones wait, and nobody else. BFY_ERROR_DENIED. */
gboolean bfy_lock_has_approval_passphrase (const BfyLock *self);
void bfy_lock_check_approval_async (BfyLock *self,
                                    BfySecret *passphrase,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean bfy_lock_check_approval_finish (BfyLock *self,
                                         GAsyncResult *result,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
