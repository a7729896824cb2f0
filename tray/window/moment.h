/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Times in the person's language and time zone. Free with g_free(). Pure but for the locale. */

/* A point in time: today only the time, else with the date; "" for 0. */
char *bfy_moment_format (gint64 time_s, gint64 now_s);
/* "just now", "3 minutes ago", "6 days ago", a date after @n_days_max days, "never" for 0. */
char *bfy_moment_format_age (gint64 time_s, gint64 now_s, guint n_days_max);
/* How long it is from now: "3 minutes", "2 days"; at least a minute. */
char *bfy_moment_format_span (gint64 span_s);
/* "in 7 minutes", "in less than a minute". */
char *bfy_moment_format_wait (gint64 seconds);
/* When the text of bfy_moment_format_wait() for an end at @end_s is another one, as seen from
 * @now_s: in so many seconds, at least 1. */
gint64 bfy_moment_next_change_s (gint64 end_s, gint64 now_s);
