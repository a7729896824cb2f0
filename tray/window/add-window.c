/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/add-window.h"

void
bfy_add_window_present (GtkWidget *asker, BfyAgentLink *link, BfyCatalogue *catalogue)
{
}

void
bfy_add_window_present_login (GtkWidget *asker,
                              BfyAgentLink *link,
                              BfyCatalogue *catalogue,
                              JsonObject *binding)
{
}
