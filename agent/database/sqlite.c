/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/database/sqlite.h"

#include <math.h>
#include <sqlite3.h>

#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/name.h"

#define STEPS_BETWEEN_LOOKS 10000 /* of SQLite's machine */
#define BUSY_MS 2000
#define VALUE_BYTES_MAX (64 * 1024 * 1024)
#define SHOWN_CHARACTERS 300

typedef struct
{
  char *path;        /* (owned) */
  char *sql;         /* (owned) */
  JsonArray *values; /* (owned) (nullable) a copy */
  gboolean may_write;
  gboolean is_ours;
  gint64 ends_at_us;
  gboolean has_timed_out;
  BfyRows *rows;             /* (owned) (nullable) */
  sqlite3 *database;         /* (owned) */
  GCancellable *cancellable; /* borrowed */
} Run;

static void
run_free (gpointer data)
{
  Run *run = data;

  sqlite3_close (run->database);
  g_clear_pointer (&run->rows, bfy_rows_free);
  g_clear_pointer (&run->values, json_array_unref);
  g_free (run->path);
  g_free (run->sql);
  g_free (run);
}

/* What reads, or changes rows where that is wished for; no other files, settings or code. */
static int
authorize (void *user_data,
           int action,
           const char *first,
           const char *second,
           const char *schema,
           const char *trigger)
{
  static const int allowed[] = { SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE };
  static const int writing[] = { SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE };
  static const char *const pragmas[] = { "table_info",       "table_xinfo", "table_list",
                                         "foreign_key_list", "index_list",  "index_info",
                                         "user_version",     NULL };
  const Run *run = user_data;

  for (guint i = 0; i < G_N_ELEMENTS (allowed); i++)
    if (allowed[i] == action)
      return SQLITE_OK;
  for (guint i = 0; i < G_N_ELEMENTS (writing); i++)
    if (writing[i] == action)
      return run->may_write && g_strcmp0 (first, "sqlite_master") != 0 ? SQLITE_OK : SQLITE_DENY;
  if (action == SQLITE_FUNCTION)
    return g_strcmp0 (second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
  if (action == SQLITE_PRAGMA)
    return g_strv_contains (pragmas, first) ? SQLITE_OK : SQLITE_DENY;

  return SQLITE_DENY;
}

static int
on_progress (void *user_data)
{
  Run *run = user_data;

  run->has_timed_out = g_get_monotonic_time () > run->ends_at_us;

  return run->has_timed_out || g_cancellable_is_cancelled (run->cancellable);
}

static GError *
explain (const Run *run, int code)
{
  g_autofree char *shown = bfy_text_to_line (sqlite3_errmsg (run->database), SHOWN_CHARACTERS);

  if (run->has_timed_out)
    return g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_TIMEOUT,
                                "The statement took too long, and was called off");
  if (g_str_has_prefix (shown, "not authorized"))
    code = SQLITE_AUTH; /* of a function it is told as a mistake */
  switch (code)
    {
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return g_error_new (BFY_ERROR, BFY_ERROR_DENIED,
                          "The statement does what is not let through here: %s", shown);
    case SQLITE_INTERRUPT:
      return g_error_new_literal (BFY_ERROR, BFY_ERROR_CANCELLED, "Nobody waits any more");
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      return g_error_new (BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "The database says: %s", shown);
    default:
      return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, "The database cannot be read: %s",
                          shown);
    }
}

static int
open_file (Run *run)
{
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
              (run->may_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
  int code = sqlite3_open_v2 (run->path, &run->database, flags, NULL);

  if (code != SQLITE_OK)
    return code;
  sqlite3_db_config (run->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (run->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config (run->database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
  sqlite3_limit (run->database, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
  sqlite3_limit (run->database, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_busy_timeout (run->database, BUSY_MS);
  sqlite3_progress_handler (run->database, STEPS_BETWEEN_LOOKS, on_progress, run);

  return run->is_ours ? SQLITE_OK : sqlite3_set_authorizer (run->database, authorize, run);
}

static int
bind_value (sqlite3_stmt *statement, int place, JsonNode *value)
{
  g_autofree char *text = NULL;

  if (JSON_NODE_HOLDS_NULL (value))
    return sqlite3_bind_null (statement, place);
  switch (JSON_NODE_HOLDS_VALUE (value) ? json_node_get_value_type (value) : G_TYPE_INVALID)
    {
    case G_TYPE_STRING:
      return sqlite3_bind_text (statement, place, json_node_get_string (value), -1,
                                SQLITE_TRANSIENT);
    case G_TYPE_INT64:
      return sqlite3_bind_int64 (statement, place, json_node_get_int (value));
    case G_TYPE_DOUBLE:
      return sqlite3_bind_double (statement, place, json_node_get_double (value));
    case G_TYPE_BOOLEAN:
      return sqlite3_bind_int64 (statement, place, json_node_get_boolean (value));
    default:
      text = bfy_json_node_to_text (value, NULL);
      return sqlite3_bind_text (statement, place, text, -1, SQLITE_TRANSIENT);
    }
}

static int
bind_all (const Run *run, sqlite3_stmt *statement)
{
  guint n = run->values != NULL ? json_array_get_length (run->values) : 0;

  for (guint i = 0; i < n; i++)
    {
      int code = bind_value (statement, (int) i + 1, json_array_get_element (run->values, i));

      if (code != SQLITE_OK)
        return code;
    }

  return SQLITE_OK;
}

static JsonNode *
text_value (sqlite3_stmt *statement, int i)
{
  const char *text = (const char *) sqlite3_column_text (statement, i);
  g_autofree char *valid =
      g_utf8_make_valid (text != NULL ? text : "", sqlite3_column_bytes (statement, i));

  return json_node_init_string (json_node_alloc (), valid);
}

static JsonNode *
blob_value (sqlite3_stmt *statement, int i)
{
  g_autofree char *text = g_base64_encode (sqlite3_column_blob (statement, i),
                                           (gsize) sqlite3_column_bytes (statement, i));

  return json_node_init_string (json_node_alloc (), text);
}

static JsonNode *
column_value (sqlite3_stmt *statement, int i)
{
  double number;

  switch (sqlite3_column_type (statement, i))
    {
    case SQLITE_NULL:
      return json_node_init_null (json_node_alloc ());
    case SQLITE_INTEGER:
      return json_node_init_int (json_node_alloc (), sqlite3_column_int64 (statement, i));
    case SQLITE_FLOAT:
      number = sqlite3_column_double (statement, i);
      return isfinite (number) ? json_node_init_double (json_node_alloc (), number)
                               : text_value (statement, i);
    case SQLITE_BLOB:
      return blob_value (statement, i);
    default:
      return text_value (statement, i);
    }
}

static gboolean
take_row (Run *run, sqlite3_stmt *statement)
{
  int n_columns = sqlite3_column_count (statement);
  JsonArray *row = json_array_sized_new ((guint) n_columns);
  gsize n_bytes = 0;

  for (int i = 0; i < n_columns; i++)
    {
      json_array_add_element (row, column_value (statement, i));
      n_bytes += (gsize) sqlite3_column_bytes (statement, i);
    }

  return bfy_rows_add (run->rows, row, n_bytes);
}

static void
take_columns (Run *run, sqlite3_stmt *statement)
{
  JsonArray *columns = json_array_new ();

  for (int i = 0; i < sqlite3_column_count (statement); i++)
    {
      const char *type = sqlite3_column_decltype (statement, i);

      bfy_rows_name_column (columns, sqlite3_column_name (statement, i),
                            type != NULL ? type : "other");
    }
  bfy_rows_take_columns (run->rows, columns);
}

static int
step_all (Run *run, sqlite3_stmt *statement)
{
  int code;

  take_columns (run, statement);
  while ((code = sqlite3_step (statement)) == SQLITE_ROW)
    if (!take_row (run, statement) && sqlite3_stmt_readonly (statement))
      return SQLITE_OK;
  if (code == SQLITE_DONE && !sqlite3_stmt_readonly (statement))
    run->rows->n_changed = sqlite3_changes64 (run->database);

  return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int
run_statement (Run *run)
{
  sqlite3_stmt *statement = NULL;
  int code = open_file (run);

  if (code == SQLITE_OK)
    code = sqlite3_prepare_v2 (run->database, run->sql, -1, &statement, NULL);
  if (code == SQLITE_OK && !run->may_write && !sqlite3_stmt_readonly (statement))
    code = SQLITE_READONLY;
  if (code == SQLITE_OK)
    code = bind_all (run, statement);
  if (code == SQLITE_OK)
    code = step_all (run, statement);
  sqlite3_finalize (statement);

  return code & 0xff;
}

static void
run_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Run *run = task_data;
  int code;

  run->cancellable = cancellable;
  code = run_statement (run);
  if (code == SQLITE_OK)
    g_task_return_pointer (task, g_steal_pointer (&run->rows), (GDestroyNotify) bfy_rows_free);
  else
    g_task_return_error (task, explain (run, code));
}

/* Nothing of it is shared with those who keep the original. */
static JsonArray *
copy_values (JsonArray *values)
{
  g_autoptr (JsonNode) node = json_node_alloc ();
  g_autoptr (JsonNode) copy = NULL;
  g_autofree char *text = NULL;
  gsize length;

  json_node_init_array (node, values);
  text = bfy_json_node_to_text (node, &length);
  copy = bfy_json_parse (text, length, NULL);

  return copy != NULL ? json_node_dup_array (copy) : NULL;
}

void
bfy_sqlite_run_async (const BfySqliteStatement *statement,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Run *run = g_new0 (Run, 1);

  g_task_set_source_tag (task, bfy_sqlite_run_async);
  g_task_set_task_data (task, run, run_free);
  run->path = g_strdup (statement->path);
  run->sql = g_strdup (statement->sql);
  run->values = statement->values != NULL ? copy_values (statement->values) : NULL;
  run->may_write = statement->may_write;
  run->is_ours = statement->is_ours;
  run->ends_at_us = g_get_monotonic_time () + statement->timeout_ms * (gint64) 1000;
  run->rows = bfy_rows_new (statement->n_rows_max, statement->n_bytes_max);
  g_task_run_in_thread (task, run_in_thread);
}

BfyRows *
bfy_sqlite_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
