/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* “Connect a program”: a name for it and what it may use; then its key, this once, and what its
 * settings have to say. @parent: a widget of the main window. */
void bfy_connect_present (GtkWidget *parent, BfyAgentLink *link);
/* A decoy for the client with @id, shown this once. */
void bfy_connect_present_decoy (GtkWidget *parent,
                                BfyAgentLink *link,
                                const char *id,
                                const char *label);
