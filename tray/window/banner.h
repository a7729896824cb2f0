/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* What keeps everything on a page from working, above it, with the button that helps: the agent is
 * gone, locked or frozen. Nothing, when all is well. */
GtkWidget *bfy_banner_new (BfyAgentLink *link);
