/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Reads a file descriptor line by line from the main context: one JSON message per line is the
 * framing of MCP's stdio transport. */
typedef struct _BfyInlet BfyInlet;

typedef enum
{
  BFY_INLET_LINE,     /* without its LF; borrowed for the call */
  BFY_INLET_TOO_LONG, /* a line over the cap was skipped to its end */
  BFY_INLET_END,      /* end of file or a read error; the last call */
} BfyInletEvent;

typedef void (*BfyInletFunc) (BfyInletEvent event,
                              const char *line,
                              gsize length,
                              gpointer user_data);

/* Borrows @fd, which may be in blocking mode. A last line without LF counts as a line. */
BfyInlet *bfy_inlet_new (int fd, gsize line_bytes_max, BfyInletFunc func, gpointer user_data);
/* Must not be called from within @func. */
void bfy_inlet_free (BfyInlet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyInlet, bfy_inlet_free)

/* While paused nothing is read. bfy_inlet_stop() pauses for ever, also in the middle of a chunk. */
void bfy_inlet_set_paused (BfyInlet *self, gboolean is_paused);
void bfy_inlet_stop (BfyInlet *self);
