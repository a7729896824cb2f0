/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Timers for things that last longer than a request. g_timeout_add() goes by a clock that stands
 * still while the machine sleeps, so what should have happened meanwhile would be late by all that
 * time; this one goes on, and is due at once when the machine wakes. It does not wake the machine.
 * Nothing of it runs while no time is set. */
typedef struct _BfyBootTimer BfyBootTimer;
typedef void (*BfyBootTimerFunc) (gpointer user_data);

/* Attaches itself to the thread's main context. */
BfyBootTimer *bfy_boot_timer_new (BfyBootTimerFunc func, gpointer user_data);
void bfy_boot_timer_free (BfyBootTimer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyBootTimer, bfy_boot_timer_free)

/* Once, in @delay_ms (0: in the next turn of the main loop), in place of what was set before. */
void bfy_boot_timer_set (BfyBootTimer *self, gint64 delay_ms);
void bfy_boot_timer_clear (BfyBootTimer *self);
gboolean bfy_boot_timer_is_set (const BfyBootTimer *self);
/* Of the clock that the timers go by: since the machine was started, sleep included. */
gint64 bfy_boot_timer_now_ms (void);

/* Tells when the wall clock has been set, and when the machine has woken, which sets it, too: what
 * was reckoned from the wall clock has to be reckoned again. The kernel says so by itself; nothing
 * is ever looked at in vain. */
typedef struct _BfyClockWatch BfyClockWatch;

/* NULL, with a warning, when the kernel does not let us. */
BfyClockWatch *bfy_clock_watch_new (BfyBootTimerFunc func, gpointer user_data);
void bfy_clock_watch_free (BfyClockWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyClockWatch, bfy_clock_watch_free)
