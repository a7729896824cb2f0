/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Tells when programs end that something was allowed for as long as they run. The kernel does, by a
 * descriptor for each of them; nothing is looked at in vain. */
typedef struct _BfyPrograms BfyPrograms;
typedef void (*BfyProgramsFunc) (int pid, guint64 started_at, gpointer user_data);

BfyPrograms *bfy_programs_new (BfyProgramsFunc ended, gpointer user_data);
void bfy_programs_free (BfyPrograms *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPrograms, bfy_programs_free)

/* Once more for each call; @ended is called once. FALSE when it has ended by now, or another one
 * has its number: @ended is not called. A kernel that cannot watch is not asked to: then what was
 * allowed to the program stays until the agent ends, and serves nobody else, because
 * no other process has both its number and its beginning. */
gboolean bfy_programs_watch (BfyPrograms *self, int pid, guint64 started_at);
void bfy_programs_unwatch (BfyPrograms *self, int pid, guint64 started_at);
