/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/prompt/prompts.h"

/* Asks by a program of the person's choice, as ssh-agent does by ssh-askpass, when nobody else
 * shows questions. It is run without a shell, with the question as its only argument, and says yes
 * by exit status 0 (bindify-agent(1), askpass-answer.h). One question at a time; the program is
 * ended when its question is closed. Whatever goes wrong is no yes, and is not remembered. */
typedef struct _BfyAskpass BfyAskpass;

/* Where things are; copied. */
typedef struct
{
  const char *program;            /* absolute path */
  const char *const *environment; /* the agent's, of which the program gets a small part */
  const char *home;               /* (nullable) */
  const char *own_unit;           /* (nullable) of systemd, which then starts the program */
} BfyAskpassSetup;

/* Registers with @prompts, which must live longer. */
BfyAskpass *bfy_askpass_new (BfyPrompts *prompts, const BfyAskpassSetup *setup);
/* Ends the program that runs. */
void bfy_askpass_free (BfyAskpass *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyAskpass, bfy_askpass_free)

/* Whether such a program may be run: an absolute path to a file that can be run, that belongs to us
 * or to root and that nobody else may write, in a folder of which the same holds.
 * BFY_ERROR_UNSAFE_PATH, BFY_ERROR_NOT_FOUND, BFY_ERROR_INVALID_ARGUMENT. */
gboolean bfy_askpass_check_program (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
