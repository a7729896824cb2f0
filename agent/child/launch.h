/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <sys/types.h>

#include "protocol/program.h"
#include "protocol/secret.h"

/* Starting a local server. Between the agent and the server stands the launcher: the agent's own
 * program under another name (argv[0]), which closes everything that was inherited, gives itself a
 * session, asks to die with the agent, and becomes bubblewrap, or, without a sandbox, stays to take
 * everything with it that the server leaves behind. The secret goes through a memory file, never
 * through an argument list or the agent's or the launcher's environment. */

#define BFY_LAUNCH_NAME "bindify-launch" /* argv[0] that main() looks for */
#define BFY_LAUNCH_SECRET_FD 3
#define BFY_LAUNCH_PLAN_FD 4
#define BFY_LAUNCH_SANDBOX "sandbox"
#define BFY_LAUNCH_PLAIN "plain"
#define BFY_LAUNCH_TERM_MS 2000 /* between SIGTERM and SIGKILL for what runs without a sandbox */

/* Where a server's surroundings are; everything borrowed. */
typedef struct
{
  const char *launcher;           /* the program to run as launcher */
  const char *bwrap;              /* (nullable) its path, NULL when it is not installed */
  const char *const *environment; /* the agent's, as "NAME=value" */
  const char *home;               /* the person's */
  const char *private_home;       /* a folder that stands for it in the sandbox */
  const char *const *hidden;      /* folders and files that stay empty even if shared */
  const char *secret_dir;         /* (nullable) holds BFY_LAUNCH_SECRET_FILE */
} BfyPlace;

#define BFY_LAUNCH_SECRET_FILE "secret"

/* The value of a variable in an environment, or NULL. Borrowed. */
const char *bfy_launch_lookup (const char *const *environment, const char *name);

/* What the launcher reads: strings, each ended by NUL; arguments of bubblewrap, or an environment.
 * @secret may be NULL. BFY_ERROR_DENIED for a shared folder that holds the agent's secrets. */
BfySecret *bfy_launch_plan (const BfyProgram *program,
                            const BfyPlace *place,
                            const BfySecret *secret,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Starts it. @pipes gets our ends of stdin, stdout and stderr, non-blocking and close-on-exec. -1
 * on error: BFY_ERROR_UNSUPPORTED without bubblewrap. */
pid_t bfy_launch (const BfyProgram *program,
                  const BfyPlace *place,
                  const BfySecret *secret,
                  int pipes[3],
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The launcher's main(). */
int bfy_launch_main (int argc, char **argv);
