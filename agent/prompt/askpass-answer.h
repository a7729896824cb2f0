/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/prompt/prompts.h"

/* What an askpass program has said, and how it is told what to ask. Pure. */

#define BFY_ASKPASS_OUTPUT_BYTES_MAX 4096

typedef enum
{
  BFY_ASKPASS_ANSWERED,
  BFY_ASKPASS_CANCELLED, /* exit status 1 without a word: “no” of a window, also that it has none */
  BFY_ASKPASS_BROKEN, /* nothing that can be understood */
} BfyAskpassOutcome;

typedef struct
{
  BfyAskpassOutcome outcome;
  BfyAnswer answer; /* of BFY_ASKPASS_ANSWERED */
  BfyGrantScope scope;
} BfyAskpassAnswer;

/* Only exit status 0 with nothing, or with exactly one known word on one line, is a yes; only the
 * word “deny” is a no that is remembered. @exit_status: -1 when it did not end by itself. */
BfyAskpassAnswer bfy_askpass_read (int exit_status, const char *output, gsize length);

/* Title and lines, as such programs show them. Free with g_free(). */
char *bfy_askpass_format (const BfyPrompt *prompt);
