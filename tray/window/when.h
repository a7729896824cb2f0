/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Times as the window says them, in the person’s language. Free with g_free(). */

/* "just now", "3 minutes ago", "yesterday", a date; "never" for 0. */
char *bfy_when_ago (gint64 then_s, gint64 now_s);
/* How long it is from now: "3 minutes", "2 days"; at least a minute. */
char *bfy_when_span (gint64 span_s);
