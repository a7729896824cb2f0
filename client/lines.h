/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Cuts application/x-ndjson into its lines as it comes, with a bound on the memory that one line
 * may take. Pure. */
typedef struct _BfyLines BfyLines;

/* One line without its LF, never empty; borrowed for the call. Must neither feed nor free. */
typedef void (*BfyLinesFunc) (const char *line, gsize length, gpointer user_data);

BfyLines *bfy_lines_new (gsize line_bytes_max, BfyLinesFunc func, gpointer user_data);
void bfy_lines_free (BfyLines *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyLines, bfy_lines_free)

/* BFY_ERROR_RESPONSE_TOO_LARGE when one line exceeds the bound; nothing is told afterwards. */
gboolean bfy_lines_feed (BfyLines *self, const char *bytes, gsize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The text has ended: a last line without LF counts. */
void bfy_lines_finish (BfyLines *self);
