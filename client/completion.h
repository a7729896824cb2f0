/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "client/commands/commands.h"

/* What can stand in the place of the last of some words: found out from the table of commands and
 * from what each command says of its arguments, so that a new one is completed without more ado.
 * Pure; looking values up is `bindify complete` (commands/complete.c). */

/* What a word may be; a set. */
typedef enum
{
  BFY_COMPLETE_NOTHING = 0,
  BFY_COMPLETE_COMMANDS = 1 << 0,
  BFY_COMPLETE_OPTIONS = 1 << 1,
  BFY_COMPLETE_BINDINGS = 1 << 2,
  BFY_COMPLETE_SERVICES = 1 << 3,
  BFY_COMPLETE_CLIENTS = 1 << 4,
  BFY_COMPLETE_GRANTS = 1 << 5,
  BFY_COMPLETE_PROMPTS = 1 << 6,
  BFY_COMPLETE_SETTINGS = 1 << 7,
  BFY_COMPLETE_SETTING_VALUES = 1 << 8, /* of the setting BfyCompletion.of */
  BFY_COMPLETE_TOOLS = 1 << 9,          /* of the binding BfyCompletion.of */
  BFY_COMPLETE_CAPABILITIES = 1 << 10,  /* the same */
  BFY_COMPLETE_RULE_KINDS = 1 << 11,    /* "tool=" */
  BFY_COMPLETE_ACCESS = 1 << 12,
  BFY_COMPLETE_METHODS = 1 << 13, /* of MCP, for `bindify policy test` */
  BFY_COMPLETE_KEYRINGS = 1 << 14,
  BFY_COMPLETE_PROFILES = 1 << 15,
  BFY_COMPLETE_SCOPES = 1 << 16,
  BFY_COMPLETE_OUTCOMES = 1 << 17,
  BFY_COMPLETE_PAGES = 1 << 18,
  BFY_COMPLETE_FILES = 1 << 19,
  BFY_COMPLETE_FOLDERS = 1 << 20,
  BFY_COMPLETE_PROGRAMS = 1 << 21,      /* that can be connected */
  BFY_COMPLETE_NAMED_METHODS = 1 << 22, /* of the binding BfyCompletion.of */
} BfyCompletionKinds;

/* Which command the words belong to. */
typedef struct
{
  const BfyCommand *commands; /* (nullable) the last word may be the name of one of these */
  const BfyCommand *command;  /* (nullable) the words are those of this command */
  guint at;                   /* the first of its words, behind the name */
} BfyCompletionPlace;

/* @words start with the program's name, and the last one, often "", is to be completed. */
void bfy_completion_place (const char *const *words, BfyCompletionPlace *place);

typedef struct
{
  BfyCompletionKinds kinds;
  const BfyCommand *commands; /* of BFY_COMPLETE_COMMANDS */
  const char *of;             /* (nullable) borrowed from the words */
  gsize n_fixed; /* bytes of the last word that stay as they are: "--keyring=", "access=" */
} BfyCompletion;

/* @options: those of the command at @place, or of `bindify` itself (cli/rehearsal.h). */
void bfy_completion_decide (const BfyCompletionPlace *place,
                            const GOptionEntry *options,
                            const char *const *words,
                            BfyCompletion *completion);
