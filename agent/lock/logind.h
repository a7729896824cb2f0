/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <sys/types.h>

#include "agent/lock/lock-record.h"

/* What systemd-logind on the system bus knows of the person: whether all their graphical sessions
 * are locked, whether the last one has ended, whether the machine goes to sleep. A machine without
 * it, or without a system bus, is one where nothing of that happens.
 *
 * What logind sends is from outside: only its own signals count, and only of sessions of our user.
 */
typedef struct _BfyLogind BfyLogind;

/* Of a fact that is known now or has changed. Nothing is said of sessions before there was one: a
 * machine that nobody logs in to is not one that somebody has left. */
typedef void (*BfyLogindFunc) (BfyHeld what, gboolean is_held, gpointer user_data);

/* @delays_sleep: the machine waits, for a moment, until BFY_HELD_SLEEP has been told. */
BfyLogind *
bfy_logind_new (uid_t uid, gboolean delays_sleep, BfyLogindFunc func, gpointer user_data);
void bfy_logind_set_delays_sleep (BfyLogind *self, gboolean delays_sleep);
/* Whether it is there, for `status`. */
gboolean bfy_logind_is_there (const BfyLogind *self);
void bfy_logind_free (BfyLogind *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyLogind, bfy_logind_free)
