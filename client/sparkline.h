/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* A row of bars, as high as the numbers are against the largest of them: "▁▃█", or ".:#" where only
 * ASCII can be shown. Nothing is a blank, and something is never one. Free with g_free(). */
char *bfy_sparkline_format (const gint64 *values, guint n_values, gboolean is_utf8);
