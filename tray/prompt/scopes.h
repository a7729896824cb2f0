/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "client/question.h"

/* For how long a yes is to count: one of what the question offers, each with what it means. The
 * shortest is marked at first. */
#define BFY_TYPE_PROMPT_SCOPES (bfy_prompt_scopes_get_type ())
G_DECLARE_FINAL_TYPE (BfyPromptScopes, bfy_prompt_scopes, BFY, PROMPT_SCOPES, GtkBox)

/* Signal: changed. */
GtkWidget *bfy_prompt_scopes_new (const BfyQuestion *question);
BfyGrantScope bfy_prompt_scopes_get (BfyPromptScopes *self);
/* What stands on the button that allows it, with a mnemonic: "_Allow Once". Static. */
const char *bfy_prompt_scope_to_button (BfyGrantScope scope);
