/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "client/run/plan.h"
#include "client/run/proxy.h"

/* A sandbox that runs: bubblewrap, the line to the first process in it, and the door. */
typedef struct _BfyRunSandbox BfyRunSandbox;

/* @status: of the command, 128 + N when signal N ended it; -1 when it was never started, because
 * bubblewrap could not make the sandbox (and has said why on stderr). */
typedef void (*BfyRunEndFunc) (int status, gpointer user_data);

/* What a run gets from the agent. */
typedef struct
{
  const char *key;              /* (nullable) */
  guint16 port;                 /* 0: no door */
  const char *const *variables; /* (nullable) "NAME=VALUE" */
  const char *bus;              /* (nullable) socket of its part of the session bus */
  BfyRunProxy *proxy;           /* (nullable) borrowed; lives longer than the sandbox */
  BfyRunReport *report;         /* (nullable) so does this */
} BfyRunAccess;

/* Starts it. BFY_ERROR_FAILED. @func is called once, from the main loop. */
BfyRunSandbox *bfy_run_sandbox_start (const BfyRunWish *wish,
                                      const BfyRunMachine *machine,
                                      const BfyRunAccess *access,
                                      BfyRunEndFunc func,
                                      gpointer user_data,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Passes a signal on to the command. */
void bfy_run_sandbox_signal (BfyRunSandbox *self, int number);
/* Ends everything in it at once. */
void bfy_run_sandbox_kill (BfyRunSandbox *self);
/* The same, if it still runs. */
void bfy_run_sandbox_free (BfyRunSandbox *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRunSandbox, bfy_run_sandbox_free)
