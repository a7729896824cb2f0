/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* The programs that use bindings: those with a key, and those of this computer that need none. */
GtkWidget *bfy_clients_page_new (BfyAgentLink *link);
