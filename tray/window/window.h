/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

#include "tray/agent-link.h"

/* The main window: a list of pages and the page that is shown. It is made when somebody wants it
 * and gone when it is closed, with everything in it; a page is made when it is first shown.
 *
 * Actions of the window: win.page (s), win.back, win.add (a binding), win.search. A page that can
 * go back by itself, or be searched, has the actions page.back and page.search. */
#define BFY_TYPE_WINDOW (bfy_window_get_type ())
G_DECLARE_FINAL_TYPE (BfyWindow, bfy_window, BFY, WINDOW, AdwApplicationWindow)

/* Shows it, with a page: "bindings", "clients", "grants", "activity", "keyring", "settings"; "" or
 * NULL, or one that it does not know: where the person was. */
void bfy_window_present (GtkApplication *application, BfyAgentLink *link, const char *page);
/* Closes it if it is there. */
void bfy_window_close (GtkApplication *application);

/* For pages and toasts; borrowed. */
AdwToastOverlay *bfy_window_get_toasts (BfyWindow *self);
AdwLeaflet *bfy_window_get_leaflet (BfyWindow *self);
