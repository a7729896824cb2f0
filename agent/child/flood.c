/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/flood.h"

gboolean
bfy_flood_count (BfyFlood *self, gsize n_bytes, gint64 now_us)
{
  gint64 second = now_us / G_USEC_PER_SEC;

  if (second != self->second)
    self->n_bytes = 0;
  self->second = second;
  self->n_bytes += n_bytes;

  return self->n_bytes > BFY_FLOOD_BYTES_PER_S;
}
