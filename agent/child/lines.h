/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Cuts what a program writes into lines, however the bytes arrive, and holds no more than it was
 * told to. Pure. */
typedef struct _BfyLines BfyLines;

/* Without the line's end; a CR before it is taken off. @was_cut: the line is longer than the limit
 * and these are its first bytes; the rest is dropped up to the next line. Must not free the
 * BfyLines. */
typedef void (*BfyLineFunc) (const char *line, gsize length, gboolean was_cut, gpointer user_data);

BfyLines *bfy_lines_new (gsize bytes_max, BfyLineFunc func, gpointer user_data);
/* Wipes what is left of an unfinished line. */
void bfy_lines_free (BfyLines *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyLines, bfy_lines_free)

void bfy_lines_feed (BfyLines *self, const char *bytes, gsize length);
/* The end of the stream: an unfinished line counts. */
void bfy_lines_finish (BfyLines *self);
