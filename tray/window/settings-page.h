/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* How the agent and this program are set up. */
GtkWidget *bfy_settings_page_new (BfyAgentLink *link);
