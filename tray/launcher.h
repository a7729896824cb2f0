/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* What the launcher's menu offers, as actions of the program: their names stand in the desktop file
 * (data/applications), which the desktop turns into org.freedesktop.Application.ActivateAction.
 *   app.bindings, app.activity   the window with that page
 *   app.lock, app.freeze         at once, without a window; it opens when that fails, and says why
 */
void bfy_launcher_init (GtkApplication *application, BfyAgentLink *link);
