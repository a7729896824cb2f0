/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Times as people say them: "3 min ago" for @then_s seen from @now_s, "never" for 0, a date when it
 * is long ago. Free with g_free(). */
char *bfy_age_format (gint64 then_s, gint64 now_s);
/* A span: "2 days 3 h", "4 min", "12 s". Free with g_free(). */
char *bfy_span_format (gint64 span_s);
/* The same from now on: "in 2 days 3 h". Free with g_free(). */
char *bfy_span_format_to_come (gint64 span_s);
/* What --since takes: a span before @now_ms ("90s", "15m", "2h", "3d", "1w") or a date or time of
 * ISO 8601 ("2026-11-22", "2026-11-22T05:18:47Z", local if it names no zone). Gives Unix
 * milliseconds. BFY_ERROR_INVALID_ARGUMENT. */
gboolean bfy_since_parse (const char *text, gint64 now_ms, gint64 *since_ms, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
