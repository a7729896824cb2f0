/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* Sees to it that bindings with a lifetime (ssh-add -t) end. One that is over is gone like a
 * removed one: credential, record, policy, grants, sessions (behaviour 13.4). From that moment on
 * it is of no use to anybody, whatever becomes of the rest: while its keyring is locked or away the
 * credential cannot be taken out of it, and that is tried again. What ended while no agent ran, or
 * while the machine slept, is over before anything else happens. */
typedef struct _BfyLifetimes BfyLifetimes;

BfyLifetimes *bfy_lifetimes_new (BfyAgent *agent);
/* Lets go of timers; what is under way is only recorded. */
void bfy_lifetimes_stop (BfyLifetimes *self);
void bfy_lifetimes_free (BfyLifetimes *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyLifetimes, bfy_lifetimes_free)

/* Whether it has ended, now. FALSE for one that lasts until it is removed. */
gboolean bfy_lifetime_is_over (const BfyBinding *binding);
/* FALSE and BFY_ERROR_NOT_FOUND, for those who would change one. */
gboolean bfy_lifetime_check (const BfyBinding *binding, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* How long until the next one of @bindings ends, seen from @now; 0 when one has, G_MAXINT64 when
 * none ever does. */
gint64 bfy_lifetime_next_ms (GPtrArray *bindings, const BfyMoment *now);
