/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* Local servers as transient units of the user's systemd. An agent that is a unit itself starts
 * them so: its own unit may then allow it next to nothing, while they run under bubblewrap's rules,
 * each in a cgroup of its own that ends with it. Only the launcher's path stands in the unit. */

/* The name of the unit that a process is the main one of, or NULL.
 * @exec_pid: SYSTEMD_EXEC_PID; only the process that systemd itself started has its own there, not
 * what was started in a terminal. @cgroup: text of /proc/self/cgroup. Pure; free with g_free(). */
char *bfy_unit_find_own (const char *exec_pid, int pid, const char *cgroup);

/* Starts the launcher with @input, which is taken, as its standard input. @own_unit ends with the
 * agent's. The result is not waited for: a server that cannot be started ends. */
void bfy_unit_start_async (const char *name,
                           const char *own_unit,
                           const char *launcher,
                           const char *label,
                           int input,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean bfy_unit_start_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Ends everything in it, at once. Nobody hears how that went. */
void bfy_unit_kill (const char *name);
