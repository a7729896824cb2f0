/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Writes lines to a file descriptor without ever blocking the main context, whatever the mode of
 * the descriptor: we must not change it, because a terminal or pipe end may be shared. What a slow
 * reader has not taken yet waits here; past the high-water mark producers are asked to stop. */
typedef struct _BfyOutlet BfyOutlet;

typedef enum
{
  BFY_OUTLET_DRAINED, /* room again after bfy_outlet_is_full() was TRUE, or empty */
  BFY_OUTLET_BROKEN,  /* the reader is gone; everything from now on is dropped */
} BfyOutletEvent;

typedef void (*BfyOutletFunc) (BfyOutletEvent event, gpointer user_data);

BfyOutlet *bfy_outlet_new (int fd, gsize high_water_bytes, BfyOutletFunc func, gpointer user_data);
/* Must not be called from within @func. */
void bfy_outlet_free (BfyOutlet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyOutlet, bfy_outlet_free)

/* Takes @line, appends LF and writes as much as fits at once. @line is never copied. */
void bfy_outlet_push_take (BfyOutlet *self, GString *line);
gboolean bfy_outlet_is_full (const BfyOutlet *self);
gboolean bfy_outlet_is_empty (const BfyOutlet *self);
