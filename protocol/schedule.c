/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/schedule.h"

#include "protocol/refresh-plan.h"

#define SLACK_DIVISOR 4 /* of intervals that are not much longer than the slack */
#define AHEAD_S 300     /* a time so far in the future was noted by another clock */
#define STALE_INTERVALS 4

/* FNV-1a: ids that differ in one digit must not land side by side. */
gint64
bfy_schedule_jitter (const char *id, gint64 range)
{
  guint32 hash = 2166136261u;

  if (range <= 0)
    return 0;
  for (const char *byte = id; *byte != '\0'; byte++)
    hash = (hash ^ (guint8) *byte) * 16777619u;

  return hash % range;
}

static gint64
interval_of (const BfyRhythm *rhythm)
{
  return rhythm->interval_s > 0 ? rhythm->interval_s : BFY_RHYTHM_INTERVAL_S;
}

static gboolean
is_looked_after (const BfyBinding *binding)
{
  return g_strcmp0 (binding->auth_type, "oauth") == 0 && !binding->is_sealed &&
         binding->state != BFY_STATE_PAUSED && binding->needs_login_at_s == 0;
}

static gboolean
has_ended (const BfyBinding *binding, gint64 now_s)
{
  return binding->expires_at_s > 0 && binding->expires_at_s <= now_s;
}

/* The clock has been set back since: what it said then is no measure for what it says now. */
static gboolean
is_of_another_clock (const BfyBinding *binding, gint64 now_s)
{
  return binding->refreshed_at_s > now_s + AHEAD_S;
}

/* Within the slack at the end of the interval. */
static gint64
end_of_interval (const BfyBinding *binding, const BfyRhythm *rhythm, gint64 now_s)
{
  gint64 interval_s = interval_of (rhythm);
  gint64 slack_s = MIN (BFY_RHYTHM_SLACK_S, interval_s / SLACK_DIVISOR);

  if (binding->refreshed_at_s <= 0 || is_of_another_clock (binding, now_s))
    return now_s;

  return binding->refreshed_at_s + interval_s - slack_s +
         bfy_schedule_jitter (binding->id, slack_s);
}

static gint64
end_of_token (const BfyBinding *binding, gint64 now_s)
{
  guint jitter = (guint) bfy_schedule_jitter (binding->id, G_MAXUINT32);

  if (binding->expires_at_s <= 0)
    return G_MAXINT64;
  if (is_of_another_clock (binding, now_s))
    return now_s;

  return binding->expires_at_s -
         bfy_refresh_window_s (binding->issued_at_s, binding->expires_at_s, jitter);
}

static BfyDue
due_of_renewable (const BfyBinding *binding, const BfyRhythm *rhythm, gint64 now_s)
{
  BfyDue due = { BFY_CHORE_REFRESH, end_of_token (binding, now_s) };
  gint64 unused_s = end_of_interval (binding, rhythm, now_s);

  if (unused_s >= due.due_s)
    return due;
  due.due_s = unused_s;
  if (rhythm->wants_keep_alive)
    due.chore = BFY_CHORE_KEEP_ALIVE;

  return due;
}

BfyDue
bfy_schedule_next (const BfyBinding *binding, const BfyRhythm *rhythm, gint64 now_s)
{
  BfyDue due = { BFY_CHORE_NONE, G_MAXINT64 };

  if (!is_looked_after (binding))
    return due;
  if (binding->can_refresh)
    return due_of_renewable (binding, rhythm, now_s);
  /* A token that stays what it is is not asked for again and again (behaviour 8.3). */
  if (!rhythm->wants_keep_alive || has_ended (binding, now_s))
    return due;

  due.chore = BFY_CHORE_KEEP_ALIVE;
  due.due_s = end_of_interval (binding, rhythm, now_s);

  return due;
}

gboolean
bfy_schedule_is_stale (const BfyBinding *binding, const BfyRhythm *rhythm, gint64 now_s)
{
  return bfy_schedule_next (binding, rhythm, now_s).chore != BFY_CHORE_NONE &&
         binding->refreshed_at_s > 0 &&
         now_s - binding->refreshed_at_s > STALE_INTERVALS * interval_of (rhythm);
}
