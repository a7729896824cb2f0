/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "client/session-bus.h"

/* What of bindify is there in this session, for `bindify doctor`: an object with
 *   tray             "running", "stopped" or "missing" (not installed)
 *   tray_host        whether somebody shows icons
 *   tray_at_login    how it is started: "unit", "autostart" or "no"
 *   agent_at_login   likewise
 * and a finding where a person would miss something. */
JsonObject *bfy_desktop_findings_look (BfySessionBus *bus, JsonArray *findings);
/* It in words. Free with g_free(). */
char *bfy_desktop_findings_to_text (JsonObject *desktop);
