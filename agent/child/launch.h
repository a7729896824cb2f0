/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <sys/types.h>

#include "protocol/program.h"
#include "protocol/secret.h"

/* Starting a local server. Between the agent and the server stands the launcher: the agent's own
 * program under another name (argv[0]), which closes everything that was inherited, gives itself a
 * session, asks to die with the agent, and becomes bubblewrap, or, without a sandbox, stays to take
 * everything with it that the server leaves behind. An agent that runs as a unit of systemd has its
 * launchers started as units of their own, which its sandbox does not bind. The secret goes through
 * a memory file, never through an argument list or the agent's or the launcher's environment. */

#define BFY_LAUNCH_NAME "bindify-launch" /* argv[0] that main() looks for */
#define BFY_LAUNCH_SECRET_FD 3
#define BFY_LAUNCH_PLAN_FD 4
#define BFY_LAUNCH_SANDBOX "sandbox"
#define BFY_LAUNCH_PLAIN "plain"
#define BFY_LAUNCH_UNIT "unit"
#define BFY_LAUNCH_EXIT_BROKEN 125 /* as env(1) and others: the launcher itself failed */
#define BFY_LAUNCH_TERM_MS 2000    /* between SIGTERM and SIGKILL for what runs without a sandbox */

/* Where a server's surroundings are; everything borrowed. */
typedef struct
{
  const char *launcher; /* the program to run as launcher */
  const char *own_unit; /* (nullable) the agent's, when systemd is to start the launcher */
  const char *label;    /* whose server it is, for people */
  const char *bwrap;    /* (nullable) its path, NULL when it is not installed */
  const char *const *environment; /* the agent's, as "NAME=value" */
  const char *home;               /* the person's */
  const char *private_home;       /* a folder that stands for it in the sandbox */
  const char *const *hidden;      /* folders and files that stay empty even if shared */
  const char *secret_dir;         /* (nullable) holds BFY_LAUNCH_SECRET_FILE */
} BfyPlace;

#define BFY_LAUNCH_SECRET_FILE "secret"

/* The program to run as launcher: our own, for systemd, of which @own_unit (nullable) is a unit, by
 * its path. Free with g_free(). */
char *bfy_launch_find_launcher (const char *own_unit);

/* The value of a variable in an environment, or NULL. Borrowed. */
const char *bfy_launch_lookup (const char *const *environment, const char *name);

/* What the launcher reads: strings, each ended by NUL; arguments of bubblewrap, or an environment.
 * @secret may be NULL. BFY_ERROR_DENIED for a shared folder that holds the agent's secrets. */
BfySecret *bfy_launch_plan (const BfyProgram *program,
                            const BfyPlace *place,
                            const BfySecret *secret,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a start has brought. All descriptors are ours, close-on-exec, -1 where there is none. */
typedef struct
{
  int pipes[3]; /* our ends of stdin, stdout and stderr, non-blocking */
  pid_t pid;    /* of the launcher, our child; 0 when it is to be started in a unit */
  int control;  /* in a unit: closing it ends the server */
  int life;     /* in a unit: see handover.h; non-blocking */
  int input;    /* in a unit: for its standard input */
} BfyLaunched;

void bfy_launched_clear (BfyLaunched *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyLaunched, bfy_launched_clear)

/* Starts it, or, with a unit in @place, makes everything ready for that. BFY_ERROR_UNSUPPORTED
 * without bubblewrap. */
gboolean bfy_launch (const BfyProgram *program,
                     const BfyPlace *place,
                     const BfySecret *secret,
                     BfyLaunched *launched,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The launcher's main(). */
int bfy_launch_main (int argc, char **argv);
