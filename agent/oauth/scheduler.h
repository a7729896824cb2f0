/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* Refreshes and keeps alive what nobody uses, ahead of time (behaviour 8): one timer for the next
 * thing that is due, none when nothing is. Runs on in suspend, sees steps of the clock, waits for
 * the network. */
typedef struct _BfyScheduler BfyScheduler;

BfyScheduler *bfy_scheduler_new (BfyAgent *agent);
void bfy_scheduler_stop (BfyScheduler *self);
void bfy_scheduler_free (BfyScheduler *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyScheduler, bfy_scheduler_free)
