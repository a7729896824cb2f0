/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

#include "tray/agent-link.h"
#include "tray/window/add-draft.h"

/* What is asked of a person about one binding: how it gets its credential, the credential itself,
 * its name, and on what conditions it may be used. Enter in it is the action add.go. */
#define BFY_TYPE_ADD_FORM (bfy_add_form_get_type ())
G_DECLARE_FINAL_TYPE (BfyAddForm, bfy_add_form, BFY, ADD_FORM, AdwBin)

/* @draft: borrowed as long as the form is there; it is changed with each choice of a way.
 * @on_changed: whether enough has been typed to go on. */
GtkWidget *bfy_add_form_new (BfyAgentLink *link,
                             BfyAddDraft *draft,
                             void (*on_changed) (gboolean is_ready, gpointer user_data),
                             gpointer user_data);
/* What has been typed goes into the draft. FALSE when it cannot be, and says why. */
gboolean bfy_add_form_collect (BfyAddForm *self);
/* What the agent, or the service, has said to it; what was refused is wiped. */
void bfy_add_form_show_trouble (BfyAddForm *self, const GError *error);
void bfy_add_form_wipe (BfyAddForm *self);
/* Where a person begins. */
void bfy_add_form_focus (BfyAddForm *self);
