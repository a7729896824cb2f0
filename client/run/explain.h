/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/run/plan.h"

/* What keeps a run in, one thing after the other, and whether it is in force on this machine: for
 * `bindify run --explain`. Pure. */
typedef struct
{
  const char *name; /* for programs: "seccomp" */
  gboolean is_in_force;
  char *text; /* (owned) a sentence for a person */
} BfyRunLayer;

void bfy_run_layer_free (BfyRunLayer *self);

/* @works: a sandbox could be made when it was tried. (element-type BfyRunLayer) */
GPtrArray *bfy_run_explain (const BfyRunWish *wish, const BfyRunMachine *machine, gboolean works);
/* Adds what @variables ("NAME=VALUE") lead to the bindings of a run, and which of them, @clashes
 * (element-type utf8), two bindings would have had. */
void bfy_run_explain_variables (GPtrArray *layers, GStrv variables, GPtrArray *clashes);
void bfy_run_explain_proxy (GPtrArray *layers, const BfyRunWish *wish);
