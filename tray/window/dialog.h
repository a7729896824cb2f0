/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

/* A window over the main window for one thing that is done step by step: rows in a column, closed
 * by Escape or its button. Gone with everything in it when it is closed. */
#define BFY_TYPE_DIALOG (bfy_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BfyDialog, bfy_dialog, BFY, DIALOG, AdwWindow)

/* @parent: a widget of the main window. */
BfyDialog *bfy_dialog_new (GtkWidget *parent, const char *title);
/* Empty to begin with, and after bfy_dialog_clear(). */
GtkBox *bfy_dialog_get_column (BfyDialog *self);
void bfy_dialog_clear (BfyDialog *self);
/* The button that does it, at the end of the header bar; also what Return in an entry row presses.
 * "clicked" is for the caller. With NULL there is none. */
GtkWidget *bfy_dialog_set_action (BfyDialog *self, const char *label);
/* What went wrong, above the column; NULL: nothing any more. */
void bfy_dialog_set_trouble (BfyDialog *self, const char *text);
/* While something is under way its parts cannot be used. */
void bfy_dialog_set_busy (BfyDialog *self, gboolean is_busy);
