/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/lock/lock.h"
#include "agent/lock/logind.h"
#include "agent/lock/throttle.h"

/* The inside of the lock, shared by the files that make it up: lock.c is what people do with it,
 * lock-life.c what it begins with and what logind tells. */
struct _BfyLock
{
  BfyAgent *agent; /* borrowed */
  BfyLockRecord record;
  BfyThrottle throttle;
  guint triggers;    /* set of BfyHeld */
  BfyLogind *logind; /* (owned) (nullable) */
  gboolean is_screen_locked;
  gboolean is_sparing; /* credentials may be read although all is frozen */
  guint idle_id;
};

#define BFY_LOCK_STATE "lock"

/* What is in memory becomes what the record says. */
void bfy_lock_apply (BfyLock *self);
/* Opening waits for the disk: what could not be written did not happen. */
gboolean bfy_lock_loosen (BfyLock *self,
                          const BfyLockRecord *record,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Closing does not. @what begins the message. */
gboolean bfy_lock_tighten (BfyLock *self,
                           const BfyLockRecord *record,
                           const char *what,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
