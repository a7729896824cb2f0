/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* One event as a line for somebody who watches: time, binding, client, what happened. What needs
 * them is marked by “!” (an alarm) or “?” (a question, or something that is shut now), with
 * @has_color also by colour. Whatever the event says, it is one harmless line. Free with g_free().
 */
char *bfy_log_line_format (JsonObject *event, gboolean has_color);
