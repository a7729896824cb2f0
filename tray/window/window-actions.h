/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* What the program can do with its window, from wherever it is asked for: the launcher, the icon,
 * the bus, the keyboard.
 *
 *   app.open (s)     the window with a page
 *   app.about, app.shortcuts, app.start-agent
 *
 * @link: as long as the application. */
void bfy_window_actions_init (GtkApplication *application, BfyAgentLink *link);
/* Before the link stops: closes the window, and waits a moment for what it still had to do. */
void bfy_window_actions_clear (GtkApplication *application);
