/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/prompt.h"

/* The words of a question. */

/* @text, which comes from outside, as one line of at most @n_max characters (and "…") that means
 * nothing but itself: no control, direction or invisible character, no quotation mark but ', no
 * heap of accents, no run of blanks. Free with g_free(). */
char *bfy_prompt_inert (const char *text, gsize n_max);
/* The same between “ and ”, which it cannot close. */
char *bfy_prompt_quote (const char *text, gsize n_max);

/* "Let “claude-desktop” merge pull requests on GitHub?" Free with g_free(). */
char *bfy_prompt_build_title (const BfyPromptFacts *facts);
/* (transfer full) "Program: “claude ← zsh ← kitty” (verified)", …: always in the same order, what
 * is not known is left out. */
GStrv bfy_prompt_build_lines (const BfyPromptFacts *facts);

/* What a yes of this scope would mean, to go behind a dash: "the same of “claude” with any
 * arguments, for 10 minutes". Free with g_free(). */
char *bfy_prompt_describe_scope (const BfyCaller *caller, const BfyWish *wish, BfyGrantScope scope);
