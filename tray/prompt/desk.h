/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* Where the agent’s questions arrive: it keeps them (client/board.h), brings up the one window in
 * which a person looks at them one after the other, and sends the answers. The window is there from
 * the start, unseen, so that it comes up at once. */
typedef struct _BfyPromptDesk BfyPromptDesk;

/* Adds the action “app.prompts”, which raises the window. Both are borrowed. */
BfyPromptDesk *bfy_prompt_desk_new (GtkApplication *application, BfyAgentLink *link);
void bfy_prompt_desk_free (BfyPromptDesk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPromptDesk, bfy_prompt_desk_free)
