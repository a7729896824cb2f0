/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"

/* @event: borrowed. */
typedef void (*BfyEventFunc) (JsonObject *event, gpointer user_data);

/* The recorded events that @path (“/v1/events?…”) asks for, one after the other. FALSE with the
 * agent's error, or BFY_ERROR_NO_AGENT. */
gboolean bfy_events_read (
    BfyCli *cli, const char *path, BfyEventFunc func, gpointer user_data, GError **error);
