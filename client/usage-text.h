/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* What a person reads about the use of a binding, from the agent's description of it: of all
 * clients together, or of one. Pure; text is not yet safe for a terminal. */

/* "12 calls today, 3 this hour; 2 refused; 4096 bytes today". Free with g_free(). */
char *bfy_usage_text_counts (JsonObject *usage);
/* "57 of 60 requests this minute, 3 of 4 at a time"; "" without limits. Free with g_free(). */
char *bfy_usage_text_left (JsonObject *usage);
