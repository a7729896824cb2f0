/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/leak-set.h"

/* The last lines that a local server wrote on its standard error, for its owner's eyes only: the
 * secret and whatever looks like one are taken out before a line is kept. */
typedef struct _BfyTail BfyTail;

#define BFY_TAIL_LINES_MAX 200
#define BFY_TAIL_LINE_BYTES_MAX 4096

BfyTail *bfy_tail_new (void);
void bfy_tail_free (BfyTail *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyTail, bfy_tail_free)

/* @leaks may be NULL. @was_cut: the line went on. */
void bfy_tail_add (BfyTail *self,
                   const BfyLeakSet *leaks,
                   const char *line,
                   gsize length,
                   gboolean was_cut,
                   gint64 time_ms);
/* A sentence of the agent's own. */
void bfy_tail_note (BfyTail *self, gint64 time_ms, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* [{"time":…,"text":…}], oldest first. (transfer full) */
JsonArray *bfy_tail_to_json (const BfyTail *self);
/* Lines that are not there any more. */
guint64 bfy_tail_n_dropped (const BfyTail *self);
