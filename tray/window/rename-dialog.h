/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* Asks for another name of a binding. */
typedef void (*BfyRenameFunc) (GtkWidget *asker,
                               BfyAgentLink *link,
                               JsonObject *binding,
                               const char *name);

void bfy_rename_dialog_present (GtkWidget *asker,
                                BfyAgentLink *link,
                                JsonObject *binding,
                                BfyRenameFunc on_name);
