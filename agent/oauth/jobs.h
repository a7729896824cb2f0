/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What the scheduler remembers of bindings between two chores: which of them has one under way, and
 * which are left alone for a while because it failed. */
typedef struct _BfyJobs BfyJobs;

BfyJobs *bfy_jobs_new (void);
void bfy_jobs_free (BfyJobs *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyJobs, bfy_jobs_free)

void bfy_jobs_begin (BfyJobs *self, const char *id);
/* @wait_s: what is known of how long nothing will come of it, when it failed; it is left alone at
 * least as long as behaviour 7.5 has it. */
void bfy_jobs_end (BfyJobs *self, const char *id, gboolean is_good, gint64 wait_s);
/* Past failures mean nothing any more; of what is under way the end is waited for. */
void bfy_jobs_drop (BfyJobs *self, const char *id);

guint bfy_jobs_n_running (const BfyJobs *self);
gboolean bfy_jobs_is_running (const BfyJobs *self, const char *id);
/* How long it is still to be left alone; 0 or less: no longer. */
gint64 bfy_jobs_pause_ms (const BfyJobs *self, const char *id);
