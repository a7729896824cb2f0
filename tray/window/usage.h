/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "tray/window/sparkline.h"

/* How much each binding was used in the last day, from GET /v1/usage. Pure. */
typedef struct _BfyUsageDay BfyUsageDay;

/* @reply: (nullable) by hour. */
BfyUsageDay *bfy_usage_day_new (JsonObject *reply, gint64 now_s);
void bfy_usage_day_free (BfyUsageDay *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyUsageDay, bfy_usage_day_free)
/* BFY_SPARKLINE_BARS hours, oldest first; zeros for one that was not used. Borrowed. */
const gint64 *bfy_usage_day_get_hours (BfyUsageDay *self, const char *binding);
/* "12 calls in the last 24 hours". Free with g_free(). */
char *bfy_usage_day_describe (BfyUsageDay *self, const char *binding);
/* The path to ask for it with. Free with g_free(). */
char *bfy_usage_day_path (gint64 now_s);
