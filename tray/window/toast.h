/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

/* Short words at the foot of the window. @child: any widget in it; without a window nothing is
 * shown, but what is to be done is. */
void bfy_window_toast (GtkWidget *child, const char *text);

/* Undo instead of “are you sure?”. The button calls @undo; when the toast has gone without it, the
 * window is closed or the program ends, @done is called. One of the two, once, then @destroy.
 *
 * For what cannot be taken back, like removing a credential, @done is where it happens, and until
 * then the page only shows it as gone; for all else it is done first, and @done is NULL. */
typedef void (*BfyUndoFunc) (gpointer data);

void bfy_window_toast_undo (GtkWidget *child,
                            const char *text,
                            BfyUndoFunc undo,
                            BfyUndoFunc done,
                            gpointer data,
                            GDestroyNotify destroy);
