/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* How fast passphrases may be tried: after a wrong one the next does not count for a while, and
 * each time for twice as long. One for all who try, so that connecting anew does not help. Times
 * are monotonic and passed in. */
typedef struct
{
  guint n_wrong; /* in a row */
  gint64 until_us;
} BfyThrottle;

#define BFY_THROTTLE_FIRST_MS 500
#define BFY_THROTTLE_LONGEST_MS 30000
#define BFY_THROTTLE_WRONG_MAX 1000 /* more are not counted */

/* As it was left by an agent that has ended: its last wait begins anew. */
void bfy_throttle_init (BfyThrottle *self, guint n_wrong, gint64 now_us);
/* 0: the next try counts. */
gint64 bfy_throttle_wait_ms (const BfyThrottle *self, gint64 now_us);
void bfy_throttle_note_wrong (BfyThrottle *self, gint64 now_us);
void bfy_throttle_note_right (BfyThrottle *self);
