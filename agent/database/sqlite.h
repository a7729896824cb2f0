/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "agent/database/rows.h"

/* One statement on a SQLite file. SQLite reads where it is called, so this is the one thing in the
 * agent that has a thread of its own: everything it needs is copied, and it touches nothing else.
 * The file is opened for reading, and in such a way that neither its schema nor the statement can
 * reach another file or load code. */
typedef struct
{
  const char *path;
  const char *sql;
  JsonArray *values; /* (nullable) */
  gboolean may_write;
  gboolean is_ours; /* the statement: it may look into the schema, which has tables of its own */
  guint timeout_ms;
  gint64 n_rows_max;
  gsize n_bytes_max;
} BfySqliteStatement;

void bfy_sqlite_run_async (const BfySqliteStatement *statement,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
/* (transfer full) Errors as of bfy_pg_run_async(). */
BfyRows *bfy_sqlite_run_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
