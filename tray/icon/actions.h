/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "tray/agent-link.h"
#include "tray/notice.h"

/* What the menu can do by itself, as actions of the application, so that the launcher and the bus
 * can do it, too:
 *
 *   app.thaw
 *   app.unlock                     at once, or by the window when something has to be typed
 *   app.pause-all                  for an hour; the agent itself goes on after that
 *   app.resume-all                 what has been paused for a time
 *   app.binding-pause (s), app.binding-pause-hour (s), app.binding-resume (s)
 *   app.binding-test (s)           what came of it is shown as a notification
 *   app.binding-login (s)          by the window
 *
 * What stops things is in tray/launcher.h. What fails is told by a notification: there need be no
 * window. */
typedef struct _BfyTrayActions BfyTrayActions;

BfyTrayActions *
bfy_tray_actions_new (GApplication *application, BfyAgentLink *link, BfyNotices *notices);
void bfy_tray_actions_free (BfyTrayActions *self);
