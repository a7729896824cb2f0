/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/remote.h"
#include "protocol/run-refusal.h"

/* What the door of a run has refused by itself, for the agent's record. Refusals are only counted
 * here; the first one is told at once, and what comes while that is under way with the next, or at
 * the end: so a command makes one request at a time of it, however much it tries. */
typedef struct _BfyRunReport BfyRunReport;

/* @id: of the run's client. */
BfyRunReport *bfy_run_report_new (BfyRemote *remote, const char *id);
/* Nothing more is told. */
void bfy_run_report_free (BfyRunReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRunReport, bfy_run_report_free)

/* @self may be NULL. */
void bfy_run_report_add (BfyRunReport *self, BfyRunRefusal refusal);
/* What has not been told yet, as the body of the last report. (transfer full) */
JsonObject *bfy_run_report_end (BfyRunReport *self, int status);
/* Where it goes. Borrowed. */
const char *bfy_run_report_get_path (BfyRunReport *self);
