/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/process-text.h"

/* What /proc/PID/stat tells of @pid; FALSE when it cannot be seen. */
typedef gboolean (*BfyProcessStatFunc) (int pid, BfyProcessStat *stat, gpointer user_data);

/* Above the process that asks may be the program that made it ask: a shell that a program starts
 * for one command, and another one for the next, have only that program in common. So the whole of
 * what runs in the same window counts as one: of @pid and its ancestors the topmost that a
 * pseudo-terminal controls, which is the shell of the window (the terminal itself, a multiplexer or
 * sshd is controlled by none). @pid itself when there is none, 0 when it cannot be seen. */
int bfy_root_find (int pid, BfyProcessStatFunc stat_of, gpointer user_data);
/* The same by /proc. */
int bfy_root_of (int pid);

/* N of /dev/pts/N for the device number of a controlling terminal, or -1 for one of another kind,
 * which no program is behind. */
gint64 bfy_terminal_index (int terminal);
