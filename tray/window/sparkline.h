/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

/* A row of bars: how much something was used over time, the newest at the end of a line of text. */
#define BFY_TYPE_SPARKLINE (bfy_sparkline_get_type ())
G_DECLARE_FINAL_TYPE (BfySparkline, bfy_sparkline, BFY, SPARKLINE, GtkWidget)

#define BFY_SPARKLINE_BARS 24

GtkWidget *bfy_sparkline_new (int width, int height);
/* @values: BFY_SPARKLINE_BARS of them, oldest first; @words: what they say, for a screen reader. */
void bfy_sparkline_set_values (BfySparkline *self, const gint64 *values, const char *words);
