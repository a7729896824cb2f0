/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* What the page of the grants says of one of GET /v1/grants. Pure. Free with g_free(). */

/* "Claude Code may use create_issue of github", or may not. */
char *bfy_grants_text_title (JsonObject *grant);
/* "With these arguments only. Until you lock. Used 3 times, last 5 minutes ago." */
char *bfy_grants_text_details (JsonObject *grant, gint64 now_s);
/* In how many seconds the details of one of @grants are to be told anew, or one ends; 0: never by
 * themselves. */
gint64 bfy_grants_text_next_change_s (JsonArray *grants, gint64 now_s);
/* FALSE when it is over, which the agent tells only when somebody asks. */
gboolean bfy_grants_text_is_live (JsonObject *grant, gint64 now_s);
