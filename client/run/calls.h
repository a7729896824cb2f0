/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>
#include <linux/filter.h>

#include "protocol/run-refusal.h"

/* Calls of the kernel that a command in `bindify run` is refused: looking into other processes,
 * kernel keys, mounts, new namespaces, the kernel itself, typing into a terminal. Only macros and
 * types of GLib: the program that starts first in there has no other part of it. */

typedef enum
{
  BFY_RUN_CALL_ALWAYS,
  BFY_RUN_CALL_BITS,  /* when the lower half of the argument has one of these bits */
  BFY_RUN_CALL_VALUE, /* when it is this value */
} BfyRunCallTest;

typedef struct
{
  int number;
  int error;
  BfyRunRefusal refusal; /* BFY_RUN_N_REFUSALS: honest programs try it, too, and nobody is told */
  BfyRunCallTest test;
  guint argument;
  guint32 value;
} BfyRunCall;

/* Static. */
const BfyRunCall *bfy_run_calls (gsize *n);
/* Which kind a call is of that was told of; BFY_RUN_N_REFUSALS for one that is not in the list. */
BfyRunRefusal bfy_run_call_get_refusal (int number);
/* In a program that tells of calls (bfy_run_filter_build_watch()): it only refuses them now. */
void bfy_run_calls_mute (struct sock_filter *lines, gsize n);
