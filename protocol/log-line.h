/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* A log record as one line of JSON (behaviour 20.1): "timestamp", "level", "domain" (nullable) and
 * "message", then the fields of ours, in lower case. The first four are what they are: no field can
 * take their place, and of two with one name the first stays. @fields are clean texts
 * (bfy_log_clean_field()); @now_ms is Unix time. With a line end. Free with g_free(). */
char *bfy_log_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gint64 now_ms)
    G_GNUC_WARN_UNUSED_RESULT;
