/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Aligned columns of text for people and for grep: two spaces between columns, no trailing blanks,
 * no colours. Cells are made safe for a terminal as they are added. */
typedef struct _BfyTable BfyTable;

/* @headings are marked with N_() and translated here. */
BfyTable *bfy_table_new (const char *const *headings);
/* The same with names that are somebody else's, and stay as they are; any number of them. */
BfyTable *bfy_table_new_named (const char *const *names);
void bfy_table_free (BfyTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyTable, bfy_table_free)

/* As many cells as there are headings; NULL and empty cells show as "-". */
void bfy_table_add_row (BfyTable *self, const char *const *cells);
/* Leaves out columns in the order of @dispensable (indices) until a line fits into @width, 0 =
 * any. */
void bfy_table_fit (BfyTable *self, gsize width, const guint *dispensable, gsize n_dispensable);
/* Every line ends with LF. Free with g_free(). */
char *bfy_table_format (const BfyTable *self);

/* Columns that a text takes on a terminal. */
gsize bfy_text_width (const char *text);
