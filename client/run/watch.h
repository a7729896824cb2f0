/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/run/calls.h"

/* Attempts of a command in `bindify run` at calls that no honest script makes (calls.h): the kernel
 * stops them and asks the first process in the sandbox, which says no to each and knows of it. It
 * never lets one pass: what was looked at could be something else by then (seccomp_unotify(2)).
 * Where the kernel cannot ask, or nobody is there to answer, they fail all the same. */

#define BFY_RUN_WATCH_LINES_MAX 512

typedef struct
{
  struct sock_filter lines[BFY_RUN_WATCH_LINES_MAX];
  gsize n; /* 0: no filter */
} BfyRunWatch;

/* From a file of such lines; FALSE when it is none. */
gboolean bfy_run_watch_read (BfyRunWatch *self, int fd);
/* In the process that is to become the command, for ever. The descriptor at which the kernel asks
 * goes to @to. FALSE: it must not become it. */
gboolean bfy_run_watch_load (BfyRunWatch *self, int to);
/* That descriptor; -1 when there is none. Returns once the other side has loaded it, or has ended.
 */
int bfy_run_watch_receive (int from);
/* Waits for a question and answers it; FALSE when there can be no more. It may wait for ever, also
 * after poll(2) has promised one: whoever asked may be dead by now. */
gboolean bfy_run_watch_answer (int listener, BfyRunRefusal *refusal);
