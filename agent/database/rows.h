/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* What a statement has found, as far as it may be told: so many rows and bytes, and no more. */

#define BFY_ROWS_DEFAULT 1000
#define BFY_ROWS_MAX 100000

/* Whoever wants it as it comes; otherwise it is collected. */
typedef struct
{
  /* Before the first row. */
  void (*columns) (JsonArray *columns, gpointer user_data);
  void (*row) (JsonArray *row, gpointer user_data);
} BfyRowsFuncs;

typedef struct
{
  JsonArray *columns; /* (owned) (nullable) of {"name","type"} */
  JsonArray *rows;    /* (owned) of arrays; stays empty when somebody takes them */
  gint64 n_rows;
  gint64 n_rows_max;
  gsize n_bytes;
  gsize n_bytes_max;
  gint64 n_changed; /* -1: it was none that changes rows */
  gboolean is_truncated;
  gboolean is_held;          /* whoever takes the rows has no room: no more of them for now */
  const BfyRowsFuncs *funcs; /* (nullable) */
  gpointer user_data;
} BfyRows;

BfyRows *bfy_rows_new (gint64 n_rows_max, gsize n_bytes_max);
void bfy_rows_free (BfyRows *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRows, bfy_rows_free)

/* Takes over @columns. */
void bfy_rows_take_columns (BfyRows *self, JsonArray *columns);
/* Takes over @row, in which are @n_bytes. FALSE when it is one too many: then nothing more is
 * wanted. */
gboolean bfy_rows_add (BfyRows *self, JsonArray *row, gsize n_bytes);
/* {"columns","rows","n_rows","truncated","n_changed"}; without columns and rows when somebody has
 * taken them. (transfer full) */
JsonObject *bfy_rows_to_json (const BfyRows *self);

/* An element of columns. */
void bfy_rows_name_column (JsonArray *columns, const char *name, const char *type);
