/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "agent/store/store-private.h"

typedef struct
{
  int result; /* extended ones first */
  BfyErrorCode code;
} ResultRow;

static const ResultRow results[] = {
  { SQLITE_CONSTRAINT_UNIQUE, BFY_ERROR_EXISTS },
  { SQLITE_CONSTRAINT_PRIMARYKEY, BFY_ERROR_EXISTS },
  { SQLITE_CONSTRAINT, BFY_ERROR_INVALID_ARGUMENT },
  { SQLITE_TOOBIG, BFY_ERROR_INVALID_ARGUMENT },
  { SQLITE_CORRUPT, BFY_ERROR_STORE_DAMAGED },
  { SQLITE_NOTADB, BFY_ERROR_STORE_DAMAGED },
  { SQLITE_FORMAT, BFY_ERROR_STORE_DAMAGED },
  { SQLITE_ERROR, BFY_ERROR_STORE_DAMAGED }, /* our SQL is right: the tables are not */
  { SQLITE_FULL, BFY_ERROR_STORAGE },
  { SQLITE_IOERR, BFY_ERROR_STORAGE },
  { SQLITE_READONLY, BFY_ERROR_STORAGE },
  { SQLITE_CANTOPEN, BFY_ERROR_STORAGE },
  { SQLITE_PERM, BFY_ERROR_STORAGE },
  { SQLITE_BUSY, BFY_ERROR_STORAGE },
  { SQLITE_LOCKED, BFY_ERROR_STORAGE },
  { SQLITE_PROTOCOL, BFY_ERROR_STORAGE },
  { SQLITE_NOLFS, BFY_ERROR_STORAGE },
};

static BfyErrorCode
code_of (int result)
{
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      if (results[i].result == result || results[i].result == (result & 0xff))
        return results[i].code;
    }

  return BFY_ERROR_FAILED;
}

void
bfy_store_set_damaged (BfyStore *self, const char *reason, GError **error)
{
  g_autofree char *quoted = g_shell_quote (self->path);

  g_set_error (
      error, BFY_ERROR, BFY_ERROR_STORE_DAMAGED,
      "%s cannot be used: %s. Nothing was changed; restore it from a backup, or start with "
      "an empty one: mv %s %s.damaged",
      self->path, reason, quoted, quoted);
}

void
bfy_store_set_error (BfyStore *self, int result, GError **error)
{
  BfyErrorCode code = code_of (result);

  if (code == BFY_ERROR_STORE_DAMAGED)
    bfy_store_set_damaged (self, sqlite3_errstr (result), error);
  else
    g_set_error (error, BFY_ERROR, code, "Cannot use %s: %s", self->path, sqlite3_errstr (result));
}

BfyQuery
bfy_query_begin (BfyStore *store, BfySql sql)
{
  BfyQuery self = { store, store->statements[sql], 1, SQLITE_OK };

  return self;
}

void
bfy_query_end (BfyQuery *self)
{
  if (self->statement == NULL)
    return;

  (void) sqlite3_reset (self->statement);
  (void) sqlite3_clear_bindings (self->statement);
}

static void
note_bound (BfyQuery *self, int result)
{
  self->next++;
  if (self->result == SQLITE_OK)
    self->result = result;
}

void
bfy_query_bind_text (BfyQuery *self, const char *text)
{
  if (self->statement == NULL)
    return;

  note_bound (self, text != NULL ? sqlite3_bind_text (self->statement, self->next, text, -1,
                                                      SQLITE_TRANSIENT)
                                 : sqlite3_bind_null (self->statement, self->next));
}

void
bfy_query_bind_int (BfyQuery *self, gint64 value)
{
  if (self->statement == NULL)
    return;

  note_bound (self, sqlite3_bind_int64 (self->statement, self->next, value));
}

void
bfy_query_bind_bytes (BfyQuery *self, gconstpointer bytes, gsize length)
{
  if (self->statement == NULL)
    return;

  note_bound (self,
              sqlite3_bind_blob64 (self->statement, self->next, bytes, length, SQLITE_TRANSIENT));
}

gboolean
bfy_query_step (BfyQuery *self, GError **error)
{
  int result = self->result;

  if (self->statement == NULL)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_FAILED, "The store %s is closed", self->store->path);
      return FALSE;
    }

  self->next = 0;
  if (result == SQLITE_OK)
    result = sqlite3_step (self->statement);
  if (result == SQLITE_ROW)
    return TRUE;
  if (result != SQLITE_DONE)
    bfy_store_set_error (self->store, result, error);

  return FALSE;
}

gboolean
bfy_query_run (BfyQuery *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  while (bfy_query_step (self, &local_error))
    ;
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  return TRUE;
}

char *
bfy_query_take_text (BfyQuery *self)
{
  return g_strdup ((const char *) sqlite3_column_text (self->statement, self->next++));
}

gint64
bfy_query_take_int (BfyQuery *self)
{
  return sqlite3_column_int64 (self->statement, self->next++);
}

GBytes *
bfy_query_take_blob (BfyQuery *self)
{
  int column = self->next++;
  const void *blob = sqlite3_column_blob (self->statement, column);

  return g_bytes_new (blob, (gsize) sqlite3_column_bytes (self->statement, column));
}

gboolean
bfy_query_take_bytes (BfyQuery *self, gpointer bytes, gsize length)
{
  int column = self->next++;
  const void *blob = sqlite3_column_blob (self->statement, column);

  if (blob == NULL || (gsize) sqlite3_column_bytes (self->statement, column) != length)
    return FALSE;

  memcpy (bytes, blob, length);
  return TRUE;
}

static gboolean
run_plain (BfyStore *self, BfySql sql, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, sql);

  return bfy_query_run (&query, error);
}

gboolean
bfy_store_begin (BfyStore *self, GError **error)
{
  return run_plain (self, BFY_SQL_BEGIN, error);
}

gboolean
bfy_store_end (BfyStore *self, gboolean is_good, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (is_good && run_plain (self, BFY_SQL_COMMIT, error))
    return TRUE;

  /* A full disk has often rolled back on its own. */
  if (!sqlite3_get_autocommit (self->database) && !run_plain (self, BFY_SQL_ROLLBACK, &local_error))
    g_warning ("Cannot undo an unfinished change: %s", local_error->message);

  return FALSE;
}
