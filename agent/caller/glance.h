/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/peer.h"
#include "protocol/process-text.h"

/* What /proc shows of a process at one moment. The process may end, run another program, or have
 * its number given to another one right after: look again before it counts. */
typedef struct
{
  int pid;
  BfyProcessStat stat;
  char *program; /* (owned) (nullable) its path; NULL: we may not see it */
  BfyProgramFile file;
  gboolean is_replaced; /* its file is no longer what lies at that path, as after an upgrade */
} BfyGlance;

/* FALSE when there is no such process, or it has ended. */
gboolean bfy_glance_take (BfyGlance *self, int pid) G_GNUC_WARN_UNUSED_RESULT;
void bfy_glance_clear (BfyGlance *self);
/* Whether it is still there, runs the same and has the same parent. */
gboolean bfy_glance_is_still (const BfyGlance *self);

/* The first @size - 1 bytes of /proc/PID/NAME, ended by a NUL; -1 when it cannot be read. */
gssize bfy_glance_read (int pid, const char *name, char *buffer, gsize size);
/* What the symbolic link /proc/PID/NAME says. Valid UTF-8. Free with g_free(). */
char *bfy_glance_read_link (int pid, const char *name);
gboolean bfy_glance_read_stat (int pid, BfyProcessStat *stat) G_GNUC_WARN_UNUSED_RESULT;
/* Whether the number is still that of the process that started then. */
gboolean bfy_glance_has_started_at (int pid, guint64 started_at);
