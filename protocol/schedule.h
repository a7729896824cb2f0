/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/binding.h"

/* When a binding that nobody uses has to be looked after (behaviour 8.1 to 8.3): its tokens
 * renewed ahead of their end, its session kept from dying unused. Pure: what is told by the wall
 * clock is compared with the wall clock that is handed in, so that after a step of the clock the
 * same question is asked again. */

/* What the service's record says. */
typedef struct
{
  gint64 interval_s;         /* how long it may go unused; 0: a day */
  gboolean wants_keep_alive; /* its tokens are not renewed, its sessions are (requires_refresh is
                                false) */
} BfyRhythm;

#define BFY_RHYTHM_INTERVAL_S (24 * 3600)
#define BFY_RHYTHM_SLACK_S 3600 /* the interval is not used up: at most so much of it is left */

typedef enum
{
  BFY_CHORE_NONE,       /* nothing will be due, whatever the time */
  BFY_CHORE_REFRESH,    /* new tokens */
  BFY_CHORE_KEEP_ALIVE, /* a handshake */
} BfyChore;

typedef struct
{
  BfyChore chore;
  gint64 due_s; /* Unix time; in the past: now */
} BfyDue;

/* Paused, sealed and refused bindings are left alone, and so are tokens that never end and cannot
 * be renewed. */
BfyDue bfy_schedule_next (const BfyBinding *binding, const BfyRhythm *rhythm, gint64 now_s);

/* Always the same number for the same id, 0 to @range - 1: what would be due at the same time in
 * many bindings is spread. */
gint64 bfy_schedule_jitter (const char *id, gint64 range);

/* For `doctor`: neither renewed nor kept alive for four times its interval, although it should have
 * been (behaviour 22.2). */
gboolean bfy_schedule_is_stale (const BfyBinding *binding, const BfyRhythm *rhythm, gint64 now_s);
