/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* The bindings: what there is, how each is, and what can be done with it. */
GtkWidget *bfy_bindings_page_new (BfyAgentLink *link);
