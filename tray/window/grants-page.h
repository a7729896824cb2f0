/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* What the person has answered and programs need not ask for again: yes and no. */
GtkWidget *bfy_grants_page_new (BfyAgentLink *link);
