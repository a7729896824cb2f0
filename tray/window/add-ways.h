/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

#include "tray/window/add-draft.h"

/* The choice of how a binding gets its credential, where there is one. @on_way: another one.
 * (nullable) the button of the one that is chosen at first. */
GtkWidget *bfy_add_ways_append (GtkBox *column,
                                const BfyAddDraft *draft,
                                void (*on_way) (BfyDraftWay way, gpointer user_data),
                                gpointer user_data);
