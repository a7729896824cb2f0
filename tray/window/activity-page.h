/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* What happened, the newest first, and what happens. */
GtkWidget *bfy_activity_page_new (BfyAgentLink *link);
