/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/options.h"
#include "protocol/paths.h"

/* The daemon from start to stop. */
typedef struct
{
  const BfyOptions *options;
  BfyEnvironment environment;
  const char *const *variables; /* all of the environment, for the programs that we start */
  const char *listen_pid;       /* (nullable) LISTEN_PID */
  const char *listen_fds;       /* (nullable) LISTEN_FDS */
  const char *notify_socket;    /* (nullable) NOTIFY_SOCKET */
  const char *credentials_dir;  /* (nullable) CREDENTIALS_DIRECTORY */
  const char *systemd_exec_pid; /* (nullable) SYSTEMD_EXEC_PID */
  const char *askpass;          /* (nullable) BINDIFY_ASKPASS */
  const char *services_dir;     /* of the installation */
} BfyStart;

#define BFY_STOP_GRACE_MS 2000 /* for requests under way when we are told to stop */

/* For --session: an agent is there already, or comes as soon as somebody asks for it. */
gboolean bfy_run_is_needless (const BfyStart *start);
/* Returns when a signal told the agent to stop, or with an error when it could not start. */
gboolean bfy_run (const BfyStart *start, GError **error) G_GNUC_WARN_UNUSED_RESULT;
