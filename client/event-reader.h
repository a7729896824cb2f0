/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"

/* @event: borrowed. FALSE: that is enough. */
typedef gboolean (*BfyEventFunc) (JsonObject *event, gpointer user_data);

/* The recorded events that @path (“/v1/events?…”) asks for, one after the other. FALSE with the
 * agent's error, or BFY_ERROR_NO_AGENT. */
gboolean bfy_events_read (
    BfyCli *cli, const char *path, BfyEventFunc func, gpointer user_data, GError **error);
/* The same, and then what happens, until @func has enough. When the agent goes, or drops us because
 * we did not read fast enough, it goes on behind the last event, without missing one or telling one
 * twice; when the agent does not come back, it fails with BFY_ERROR_NO_AGENT. */
gboolean bfy_events_follow (
    BfyCli *cli, const char *path, BfyEventFunc func, gpointer user_data, GError **error);
