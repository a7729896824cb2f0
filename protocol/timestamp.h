/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* Times on the wire are RFC 3339 in UTC; 0 is "never" on our side and null or absent there. */

/* "2026-11-22T05:18:47Z", NULL for 0. Free with g_free(). */
char *bfy_time_to_text (gint64 unix_s);
/* 0 for NULL or anything else. */
gint64 bfy_time_from_text (const char *text);
/* The same in milliseconds: "2026-11-22T05:18:47.250Z". */
char *bfy_time_ms_to_text (gint64 unix_ms);
gint64 bfy_time_ms_from_text (const char *text);

/* A member of an object: null for 0. */
void bfy_time_set_member (JsonObject *object, const char *name, gint64 unix_s);
/* 0 when it is absent or null; BFY_ERROR_BAD_REQUEST naming it when it is no time. */
gboolean bfy_time_get_member (JsonObject *object, const char *name, gint64 *unix_s, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
