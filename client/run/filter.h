/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What programs inside `bindify run` may not ask the kernel for, as a program that the kernel runs
 * in front of every system call (seccomp): calls.h, and kinds of sockets that no script needs. It
 * refuses what is dangerous and lets everything else pass, because which calls a script needs
 * nobody knows. */

/* The name of the processor as seccomp knows it, or NULL when there is no filter for it. */
const char *bfy_run_filter_architecture (void);
/* An array of struct sock_filter, ready for the kernel; NULL without bfy_run_filter_architecture().
 */
GBytes *bfy_run_filter_build (void);
/* The other half, which the first process inside puts on the command (watch.h): calls that no
 * honest script makes. Whoever listens is told of them (SECCOMP_RET_USER_NOTIF, Linux 5.0) and
 * refuses. */
GBytes *bfy_run_filter_build_watch (void);
