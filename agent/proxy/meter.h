/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Counts what an upstream sends against the binding's cap: a whole body, or, in an event stream
 * that may live for days, each event by itself. Pure. */
typedef struct
{
  gint64 bytes_max;
  gboolean is_event_stream;
  gint64 n_bytes; /* of the body or of the present event */
  gboolean at_line_start;
  gboolean after_cr;
} BfyMeter;

void bfy_meter_init (BfyMeter *self, gint64 bytes_max, gboolean is_event_stream);
/* FALSE once there is too much. */
gboolean bfy_meter_count (BfyMeter *self, const char *bytes, gsize length);
