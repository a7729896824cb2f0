/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

#include "client/browser.h"
#include "tray/agent-link.h"

/* The program: one instance per session (by its name on the bus), with an icon in the tray where
 * there is one, the window for questions, and the main window, each made when it is first needed.
 *
 * Actions, also for the menu of the icon, the launcher and D-Bus:
 *   app.open (s)   the main window; a page: "bindings", "clients", "grants", "activity",
 *                  "keyring", "settings", or "" for where the person was
 *   app.prompts    the window for questions
 *   app.quit
 *   those of the launcher's menu (tray/launcher.h)
 */
#define BFY_TRAY_ID "io.bindify.Tray"

#define BFY_TYPE_TRAY (bfy_tray_get_type ())
G_DECLARE_FINAL_TYPE (BfyTray, bfy_tray, BFY, TRAY, AdwApplication)

/* What main() has read. */
typedef struct
{
  char *socket_path;      /* (owned) */
  gboolean has_display;   /* DISPLAY or WAYLAND_DISPLAY */
  gboolean is_background; /* started at login: shows no window by itself */
  BfyDesktop desktop;     /* for opening the browser */
} BfyTraySettings;

/* @settings: borrowed as long as the program runs. */
BfyTray *bfy_tray_new (const BfyTraySettings *settings);
/* The exit status after it has run: 1 when its session broke down. */
int bfy_tray_get_status (BfyTray *self);
/* Borrowed. */
BfyAgentLink *bfy_tray_get_link (BfyTray *self);
