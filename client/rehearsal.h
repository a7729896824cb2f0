/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "client/cli.h"

/* A command that is gone through up to where it has read its command line, and no further: how
 * completions know its options, and how tests know that a line which we tell people to type is one
 * that we understand. Commands need not do anything for it: bfy_cli_parse() ends them. */
struct _BfyRehearsal
{
  /* (owned) (element-type GOptionEntry) names, flags and descriptions count, not where it lands */
  GArray *options;
  gboolean is_understood; /* options and number of words are right */
};

/* Goes through @command with @words, which start with its name. Nothing is asked or printed. */
BfyRehearsal *
bfy_rehearsal_new (const BfyCli *cli, const BfyCommand *command, const char *const *words);
void bfy_rehearsal_free (BfyRehearsal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRehearsal, bfy_rehearsal_free)

/* Of bfy_cli_parse(). */
void bfy_rehearsal_add_options (BfyRehearsal *self, const GOptionEntry *entries);
