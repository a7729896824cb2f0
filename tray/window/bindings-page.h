/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* The bindings: what there is, how each is, and what can be done with it; one of them in full when
 * it is chosen. */
GtkWidget *bfy_bindings_page_new (BfyAgentLink *link);

/* For what is on it. The page, where @child is on it, else @child itself. */
GtkWidget *bfy_bindings_page_find (GtkWidget *child);
/* With undo; it is not shown from now on. */
void bfy_bindings_page_remove (GtkWidget *child, JsonObject *binding);
/* Opens the window in which it gets a new credential. */
void bfy_bindings_page_sign_in (GtkWidget *child, JsonObject *binding);
