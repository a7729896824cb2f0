/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/oauth/scheduler.h"
#include "protocol/schedule.h"

/* What the scheduler sets going, apart from when it does so: a table, so that there is no timer
 * without something to do and nothing to do without its timer. */

#define BFY_SCHEDULER_CHORES_MAX 4 /* at a time; behaviour 8.1 */

typedef struct
{
  void (*begin) (BfyAgent *agent,
                 BfyBinding *binding,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data);
  gboolean (*finish) (BfyAgent *agent, GAsyncResult *result, GError **error);
} BfyChoreKind;

typedef struct
{
  BfyChoreKind kinds[BFY_CHORE_KEEP_ALIVE + 1]; /* by BfyChore; that of NONE is empty */
  gint64 (*now_ms) (void);                      /* of the wall clock */
  GNetworkMonitor *(*find_network) (void);      /* borrowed */
  /* Seconds, if it is known that nothing will come of a chore before. */
  gint64 (*wait_s) (BfyAgent *agent, const BfyBinding *binding);
} BfySchedulerParts;

/* agent/oauth/chores.c */
extern const BfySchedulerParts bfy_scheduler_parts;

/* @parts is borrowed for good. */
BfyScheduler *bfy_scheduler_new_with (BfyAgent *agent, const BfySchedulerParts *parts);
/* When the wall clock has been set. */
void bfy_scheduler_note_clock_step (BfyScheduler *self);
/* Whether it will wake by itself. */
gboolean bfy_scheduler_is_armed (const BfyScheduler *self);
