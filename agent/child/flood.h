/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#define BFY_FLOOD_BYTES_PER_S (256 * 1024) /* of standard error; more is read and thrown away */

/* A server that floods its log must not keep the agent busy with it. Pure. */
typedef struct
{
  gint64 second;
  gsize n_bytes; /* in that second */
} BfyFlood;

/* TRUE when it is too much by now. */
gboolean bfy_flood_count (BfyFlood *self, gsize n_bytes, gint64 now_us);
