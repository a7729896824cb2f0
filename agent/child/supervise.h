/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>
#include <sys/types.h>

/* The launcher as the parent of a server: it waits for it, and takes everything with it that the
 * server leaves behind. */

/* Before the server is forked: whatever it starts becomes ours when its own parent ends. */
void bfy_supervise_prepare (void);
/* In the server's process, between fork and exec. */
void bfy_supervise_leave (void);
/* Returns the exit status of @command, or 125, when nothing is left. SIGTERM makes it end
 * everything, and so does the end of what is read from @control (-1: there is none). */
int bfy_supervise (pid_t command, int control);
