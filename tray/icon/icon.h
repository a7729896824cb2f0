/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "tray/agent-link.h"

/* The icon in the panel, its menu, its tooltip, and the notifications: what the person sees of
 * bindify without any window. Without a session bus only the actions of the menu are there.
 *
 * Actions: those of actions.h, and app.alarm, which shows what an alarm was about. */
typedef struct _BfyIcon BfyIcon;

/* Both borrowed as long as it lives. To be made when the application has started up. */
BfyIcon *bfy_icon_new (GApplication *application, BfyAgentLink *link);
void bfy_icon_free (BfyIcon *self);
