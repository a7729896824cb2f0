/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

#include "tray/agent-link.h"

/* One page of the main window: its header bar, what the agent’s state has to say, and the content.
 * Where the window is narrow, the header bar has the way back to the list of pages. */
#define BFY_TYPE_PAGE (bfy_page_get_type ())
G_DECLARE_FINAL_TYPE (BfyPage, bfy_page, BFY, PAGE, AdwBin)

GtkWidget *bfy_page_new (BfyAgentLink *link, const char *title);
/* It is given the room that is left; one that can grow higher brings its own scrolled window. */
void bfy_page_set_content (BfyPage *self, GtkWidget *content);
void bfy_page_set_title (BfyPage *self, const char *title);
/* Buttons in the header bar. */
void bfy_page_pack_start (BfyPage *self, GtkWidget *child);
void bfy_page_pack_end (BfyPage *self, GtkWidget *child);
/* Below the header bar, as a search bar is. */
void bfy_page_add_top (BfyPage *self, GtkWidget *child);
/* A page that was reached from another one: the action that leads back, always shown. */
void bfy_page_set_back (BfyPage *self, const char *action);
BfyAgentLink *bfy_page_get_link (BfyPage *self);

/* The content of most pages: groups of rows in a column, scrolled. Add to it with gtk_box_append().
 * @column: set to the box; the widget that is returned is the content. */
GtkWidget *bfy_page_column_new (GtkBox **column);

/* Says what a button with a symbol does: to who points at it, and to a screen reader. */
void bfy_button_explain (GtkWidget *button, const char *text);
