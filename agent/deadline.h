/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* A point in time that moves with everything that happens, for thousands of owners at once. The
 * timer behind it moves only forwards in need: one that fires too early looks at the deadline
 * again, which is cheaper than touching it for every request. */
typedef struct
{
  /*< private >*/
  GSource *timer; /* (owned) (nullable) */
  gint64 at_us;   /* monotonic; -1: none */
  void (*passed) (gpointer user_data);
  gpointer user_data;
} BfyDeadline;

/* Without one to begin with. */
void bfy_deadline_init (BfyDeadline *self, void (*passed) (gpointer user_data), gpointer user_data);
/* From now on it can pass. */
void bfy_deadline_start (BfyDeadline *self);
/* It will not pass any more. */
void bfy_deadline_stop (BfyDeadline *self);
/* -1 for none. */
void bfy_deadline_set_at (BfyDeadline *self, gint64 at_us);
void bfy_deadline_set (BfyDeadline *self, gint64 timeout_ms);
