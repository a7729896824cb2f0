/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "tray/window/catalogue.h"

/* The window in which a binding is added, from the choice of a service to its first use, or in
 * which one gets a new credential. Closing it in the middle leaves nothing behind. @asker: a widget
 * of the main window. */
void bfy_add_window_present (GtkWidget *asker, BfyAgentLink *link, BfyCatalogue *catalogue);
void bfy_add_window_present_login (GtkWidget *asker,
                                   BfyAgentLink *link,
                                   BfyCatalogue *catalogue,
                                   JsonObject *binding);
