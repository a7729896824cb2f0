/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* Where credentials rest, what locks them, and what is wrong. */
GtkWidget *bfy_keyring_page_new (BfyAgentLink *link);
