/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What the kernel and the desktop write down about a process, taken apart. Its names are chosen by
 * the process itself, and so may hold anything. */

#define BFY_PROCESS_NAME_BYTES 64 /* of the kernel's 16, or what a kernel thread has */

/* A part of /proc/PID/stat. */
typedef struct
{
  char name[BFY_PROCESS_NAME_BYTES]; /* as the process calls itself; any bytes but NUL */
  char state;                        /* 'R', 'S', …; 'Z' and 'X': it has ended */
  int parent;                        /* 0: it has none that can be seen from here */
  int session;
  int terminal;       /* device number of its controlling terminal, 0 = none */
  guint64 started_at; /* clock ticks since boot */
} BfyProcessStat;

/* FALSE when it is not such a text; @stat is then undefined. */
gboolean bfy_process_parse_stat (const char *text,
                                 gsize length,
                                 BfyProcessStat *stat) G_GNUC_WARN_UNUSED_RESULT;

/* From /proc/PID/cgroup the application, as desktops name their scopes ("org.gnome.Terminal"), else
 * the scope or service ("backup.service"); NULL when there is none. Valid UTF-8. Free with
 * g_free(). */
char *bfy_process_parse_scope (const char *text, gsize length);
/* From /proc/PID/cgroup, or from /proc/PID/attr/current, the name of the snap; NULL when it is
 * none. Free with g_free(). */
char *bfy_process_parse_snap (const char *text, gsize length);
/* From /.flatpak-info the id of the application; NULL when it has none. Free with g_free(). */
char *bfy_process_parse_flatpak (const char *text, gsize length);
/* From /proc/PID/cmdline the name of the file that an interpreter was told to run, without its
 * folder; NULL when that is not plain to see. Free with g_free(). */
char *bfy_process_parse_script (const char *text, gsize length);
/* Whether @program (a path) and its /proc/PID/cmdline are those of one that only carries out what
 * its parent wants: a shell that was given a command ("sh -c …"), or timeout and its like. */
gboolean bfy_process_is_wrapper (const char *program, const char *text, gsize length);
/* Whether @program (a path) is one that runs scripts: its name does not tell much. */
gboolean bfy_process_is_interpreter (const char *program);
