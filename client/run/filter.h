/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What programs inside `bindify run` may not ask the kernel for, as a program that the kernel runs
 * in front of every system call (seccomp): looking into other processes, kernel keys, mounts, new
 * namespaces, typing into a terminal, kinds of sockets that no script needs. It refuses what is
 * dangerous and lets everything else pass, because which calls a script needs nobody knows. */

/* The name of the processor as seccomp knows it, or NULL when there is no filter for it. */
const char *bfy_run_filter_architecture (void);
/* An array of struct sock_filter, ready for the kernel; NULL without bfy_run_filter_architecture().
 */
GBytes *bfy_run_filter_build (void);
