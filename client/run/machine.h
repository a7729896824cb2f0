/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/run/plan.h"
#include "protocol/paths.h"

/* Looks at this machine. @variables (borrowed) is the environment, @more (borrowed, ended by NULL)
 * further paths that are to be hidden. Free with bfy_run_machine_clear(). */
void bfy_run_machine_look (BfyRunMachine *self,
                           const BfyEnvironment *environment,
                           const char *const *variables,
                           const char *const *more);
void bfy_run_machine_clear (BfyRunMachine *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyRunMachine, bfy_run_machine_clear)

/* The path without links, or NULL when there is no such thing. Free with g_free(). */
char *bfy_run_real_path (const char *path);
