/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* What can be done with a binding, with what the person hears of it. @asker: a widget of the
 * window; @binding: as the agent tells it. */
void bfy_binding_test (GtkWidget *asker, BfyAgentLink *link, JsonObject *binding);
/* With undo. */
void
bfy_binding_pause (GtkWidget *asker, BfyAgentLink *link, JsonObject *binding, gboolean is_paused);
/* The agent itself goes on after it; with undo. */
void bfy_binding_pause_hour (GtkWidget *asker, BfyAgentLink *link, JsonObject *binding);
/* Asks for the name; with undo. */
void bfy_binding_rename (GtkWidget *asker, BfyAgentLink *link, JsonObject *binding);
/* Its credential cannot be had back, so the agent hears of it only when nobody has undone it.
 * @on_hidden: called with TRUE at once, and with FALSE when it stays after all, while @asker is
 * there. */
typedef void (*BfyHiddenFunc) (GtkWidget *asker, const char *id, gboolean is_hidden);
void bfy_binding_remove (GtkWidget *asker,
                         BfyAgentLink *link,
                         JsonObject *binding,
                         BfyHiddenFunc on_hidden);
