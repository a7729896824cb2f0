/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

#include "tray/window/add-draft.h"

/* On what conditions a new binding may be used. */
typedef struct _BfyAddConditions BfyAddConditions;

BfyAddConditions *bfy_add_conditions_append (GtkBox *column, const BfyAddDraft *draft);
void bfy_add_conditions_free (BfyAddConditions *self);
void bfy_add_conditions_collect (BfyAddConditions *self, BfyAddDraft *draft);
