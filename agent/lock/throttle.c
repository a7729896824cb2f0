/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/lock/throttle.h"

static gint64
wait_after (guint n_wrong)
{
  gint64 wait_ms = BFY_THROTTLE_FIRST_MS;

  for (guint i = 1; i < n_wrong && wait_ms < BFY_THROTTLE_LONGEST_MS; i++)
    wait_ms *= 2;

  return n_wrong == 0 ? 0 : MIN (wait_ms, BFY_THROTTLE_LONGEST_MS);
}

void
bfy_throttle_init (BfyThrottle *self, guint n_wrong, gint64 now_us)
{
  self->n_wrong = MIN (n_wrong, BFY_THROTTLE_WRONG_MAX);
  self->until_us = now_us + wait_after (self->n_wrong) * 1000;
}

gint64
bfy_throttle_wait_ms (const BfyThrottle *self, gint64 now_us)
{
  return self->until_us > now_us ? (self->until_us - now_us + 999) / 1000 : 0;
}

void
bfy_throttle_note_wrong (BfyThrottle *self, gint64 now_us)
{
  bfy_throttle_init (self, self->n_wrong + 1, now_us);
}

void
bfy_throttle_note_right (BfyThrottle *self)
{
  *self = (BfyThrottle){ 0 };
}
