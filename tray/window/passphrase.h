/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"

/* Windows in which a passphrase is typed. The key is derived from it here, as `bindify` does it;
 * the agent never sees the passphrase. @parent: a widget of the main window. */

/* Locks the agent with a new one. */
void bfy_passphrase_present_lock (GtkWidget *parent, BfyAgentLink *link);
/* Unlocks the agent that was locked with one, or by the password of the desktop’s keyring. */
void bfy_passphrase_present_unlock (GtkWidget *parent, BfyAgentLink *link);
/* Opens the vault, by its passphrase or a recovery code. */
void bfy_passphrase_present_vault (GtkWidget *parent, BfyAgentLink *link);
/* The one for answers: sets it, changes it, or, with @is_removed, takes it away. */
void bfy_passphrase_present_answers (GtkWidget *parent, BfyAgentLink *link, gboolean is_removed);
