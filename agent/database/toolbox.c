/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/database/toolbox.h"

#include <string.h>

#include "agent/database/databases.h"
#include "agent/database/relay.h"
#include "agent/database/row-stream.h"
#include "agent/database/sqlite.h"
#include "protocol/error.h"
#include "protocol/json.h"

#define NOT_SYSTEM                                                                                 \
  "case when $1::text is null then table_schema not in ('pg_catalog', 'information_schema') "      \
  "else table_schema = $1::text end "

/* Statements of ours, by tool. */
static const struct
{
  const char *tool;
  const char *postgres; /* $1: schema, $2: table */
  const char *sqlite;   /* ?1: schema, ?2: table */
} own_statements[] = {
  { "tables",
    "select table_schema::text as schema, table_name::text as name, table_type::text as type "
    "from information_schema.tables where $2::text is null and " NOT_SYSTEM "order by 1, 2",
    "select schema, name, type from pragma_table_list "
    "where schema = coalesce(?1, 'main') and ?2 is null and name not like 'sqlite%' order by 2" },
  { "schema",
    "select table_schema::text as schema, table_name::text as \"table\", "
    "column_name::text as name, data_type::text as type, is_nullable = 'YES' as nullable, "
    "column_default::text as \"default\" from information_schema.columns "
    "where ($2::text is null or table_name = $2::text) and " NOT_SYSTEM
    "order by 1, 2, ordinal_position",
    "select 'main' as schema, m.name as \"table\", c.name as name, c.type as type, "
    "not c.\"notnull\" as nullable, c.dflt_value as \"default\" "
    "from sqlite_schema m, pragma_table_info(m.name) c "
    "where m.type in ('table', 'view') and coalesce(?1, 'main') = 'main' "
    "and (?2 is null or m.name = ?2) order by 2, c.cid" },
};

/* One call, from its arguments to what has come of it. */
typedef struct
{
  BfyAgent *agent;       /* borrowed */
  BfyBinding *binding;   /* (owned) */
  BfyDatabase *database; /* (owned) */
  char *sql;             /* (owned) */
  JsonArray *values;     /* (owned) (nullable) */
  gint64 n_rows_max;
  gboolean may_write;
  gboolean is_ours; /* the statement */
  BfyLimits limits;
  BfyRows *rows;        /* (owned) (nullable) */
  BfyPg *pg;            /* (owned) (nullable) */
  BfyRequest *asker;    /* (owned) (nullable) who takes the rows as they come */
  BfyRequest *request;  /* (owned) */
  BfyRowStream *stream; /* (owned) (nullable) to that one */
  GTask *held;          /* (owned) (nullable) all is done but for what has not gone out */
  GSource *gone;        /* (owned) (nullable) of the one it waits for then */
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_clear_pointer (&call->database, bfy_database_free);
  g_clear_pointer (&call->values, json_array_unref);
  g_clear_pointer (&call->stream, bfy_row_stream_free);
  g_clear_pointer (&call->rows, bfy_rows_free);
  g_clear_pointer (&call->pg, bfy_pg_free);
  g_clear_pointer (&call->asker, bfy_request_unref);
  bfy_request_unref (call->request);
  bfy_binding_unref (call->binding);
  g_free (call->sql);
  g_free (call);
}

static JsonNode *
rows_node (const BfyRows *rows)
{
  JsonNode *node = json_node_alloc ();

  json_node_init_object (node, NULL);
  json_node_take_object (node, bfy_rows_to_json (rows));

  return node;
}

static void
add_text (JsonArray *values, const char *text)
{
  if (text != NULL)
    json_array_add_string_element (values, text);
  else
    json_array_add_null_element (values);
}

static gboolean
read_own (Call *call, guint i, JsonObject *arguments, GError **error)
{
  static const char *const names[] = { "schema", "table", NULL };
  const char *schema = NULL;
  const char *table = NULL;

  if (!bfy_json_refuse_unknown (arguments, names, error) ||
      !bfy_json_get_string (arguments, "schema", &schema, error) ||
      !bfy_json_get_string (arguments, "table", &table, error))
    return FALSE;
  call->sql = g_strdup (call->database->kind == BFY_DATABASE_SQLITE ? own_statements[i].sqlite
                                                                    : own_statements[i].postgres);
  call->values = json_array_new ();
  add_text (call->values, schema);
  add_text (call->values, table);
  call->n_rows_max = BFY_ROWS_MAX;
  call->is_ours = TRUE;

  return TRUE;
}

static gboolean
check_ranges (const Call *call, GError **error)
{
  if (call->n_rows_max < 1 || call->n_rows_max > BFY_ROWS_MAX)
    g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "“limit” is from 1 to %d",
                 BFY_ROWS_MAX);
  else if (call->values != NULL && json_array_get_length (call->values) > BFY_PG_VALUES_MAX)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                         "There are too many “params”");
  else
    return TRUE;

  return FALSE;
}

static gboolean
read_statement (Call *call, const char *tool, JsonObject *arguments, GError **error)
{
  static const char *const names[] = { "sql", "params", "limit", NULL };
  BfySqlDialect dialect =
      call->database->kind == BFY_DATABASE_SQLITE ? BFY_SQL_SQLITE : BFY_SQL_POSTGRES;
  BfySqlStatement statement;
  const char *sql = NULL;
  JsonArray *values = NULL;

  call->n_rows_max = BFY_ROWS_DEFAULT;
  if (!bfy_json_refuse_unknown (arguments, names, error) ||
      !bfy_json_get_string (arguments, "sql", &sql, error) ||
      !bfy_json_get_array (arguments, "params", &values, error) ||
      !bfy_json_get_int (arguments, "limit", &call->n_rows_max, error))
    return FALSE;
  call->values = values != NULL ? json_array_ref (values) : NULL;
  if (sql == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "“sql” is missing");
      return FALSE;
    }
  call->sql = g_strdup (sql);
  call->may_write = !g_str_equal (tool, "query");

  return check_ranges (call, error) &&
         bfy_sql_judge (sql, strlen (sql), dialect, &statement, error) &&
         bfy_database_check_tool (tool, &statement, error);
}

static gboolean
read_arguments (Call *call, const char *tool, JsonObject *arguments, GError **error)
{
  call->database = bfy_database_parse (call->binding->url, error);
  if (call->database == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (own_statements); i++)
    if (g_str_equal (own_statements[i].tool, tool))
      return read_own (call, i, arguments, error);

  return read_statement (call, tool, arguments, error);
}

static void
return_rows (GTask *task)
{
  const Call *call = g_task_get_task_data (task);

  g_task_return_pointer (task, rows_node (call->rows), (GDestroyNotify) json_node_unref);
}

static void
release (Call *call)
{
  g_autoptr (GTask) held = g_steal_pointer (&call->held);

  g_source_destroy (call->gone);
  g_clear_pointer (&call->gone, g_source_unref);
  return_rows (held);
}

static gboolean
on_gone (GCancellable *cancellable, gpointer user_data)
{
  release (user_data);

  return G_SOURCE_REMOVE;
}

/* There is room again. */
static void
on_stream_drained (gpointer user_data)
{
  Call *call = user_data;
  gboolean was_held = call->rows->is_held;

  call->rows->is_held = FALSE;
  if (call->held != NULL && bfy_row_stream_is_empty (call->stream))
    release (call);
  else if (call->pg != NULL && was_held)
    bfy_pg_resume (call->pg);
}

static void
put_columns (JsonArray *columns, gpointer user_data)
{
  Call *call = user_data;

  bfy_row_stream_funcs.columns (columns, call->stream);
}

static void
put_row (JsonArray *row, gpointer user_data)
{
  Call *call = user_data;

  bfy_row_stream_funcs.row (row, call->stream);
  call->rows->is_held = bfy_row_stream_is_full (call->stream);
}

/* Rows go out as they come, to those who want them like that. */
static void
begin_stream (Call *call)
{
  static const BfyRowsFuncs funcs = { .columns = put_columns, .row = put_row };

  if (call->asker == NULL)
    return;
  call->stream = bfy_row_stream_new (call->asker, call->request, on_stream_drained, call);
  call->rows->funcs = &funcs;
  call->rows->user_data = call;
}

/* What waits goes out before it is told that this was all. */
static void
finish_rows (GTask *task)
{
  Call *call = g_task_get_task_data (task);

  if (call->stream == NULL || bfy_row_stream_is_empty (call->stream))
    {
      return_rows (task);
      return;
    }
  call->held = g_object_ref (task);
  call->gone = g_cancellable_source_new (g_task_get_cancellable (task));
  g_source_set_callback (call->gone, G_SOURCE_FUNC (on_gone), call, NULL);
  g_source_attach (call->gone, g_main_context_get_thread_default ());
}

/* Of a file they are there all at once. */
static void
stream_collected (Call *call)
{
  guint n = json_array_get_length (call->rows->rows);

  begin_stream (call);
  if (call->stream == NULL || call->rows->columns == NULL)
    return;
  put_columns (call->rows->columns, call);
  for (guint i = 0; i < n; i++)
    put_row (json_array_get_array_element (call->rows->rows, i), call);
}

static void
on_sqlite (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  GError *error = NULL;

  call->rows = bfy_sqlite_run_finish (result, &error);
  if (call->rows == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  stream_collected (call);
  finish_rows (task);
}

static void
run_sqlite (GTask *task)
{
  const Call *call = g_task_get_task_data (task);
  const BfySqliteStatement statement = {
    .path = call->database->path,
    .sql = call->sql,
    .values = call->values,
    .may_write = call->may_write,
    .is_ours = call->is_ours,
    .timeout_ms = (guint) call->limits.response_timeout_ms,
    .n_rows_max = call->n_rows_max,
    .n_bytes_max = (gsize) call->limits.response_bytes_max,
  };

  bfy_sqlite_run_async (&statement, g_task_get_cancellable (task), on_sqlite, g_object_ref (task));
}

static void
on_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  GError *error = NULL;
  gboolean is_good = bfy_pg_run_finish (result, &error);

  bfy_databases_give (call->agent->databases, call->binding, g_steal_pointer (&call->pg));
  if (is_good)
    finish_rows (task);
  else
    g_task_return_error (task, error);
}

static void
on_taken (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  GError *error = NULL;
  const BfyPgStatement statement = {
    .sql = call->sql,
    .values = call->values,
    .may_write = call->may_write,
    .timeout_ms = (guint) call->limits.response_timeout_ms,
  };

  call->pg = bfy_databases_take_finish (result, &error);
  if (call->pg == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  call->rows = bfy_rows_new (call->n_rows_max, (gsize) call->limits.response_bytes_max);
  begin_stream (call);
  bfy_pg_run_async (call->pg, &statement, call->rows, g_task_get_cancellable (task), on_run,
                    g_object_ref (task));
}

static void
call_async (BfyAgent *agent,
            BfyRequest *request,
            BfyBinding *binding,
            const char *tool,
            JsonObject *arguments,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Call *call;
  GError *error = NULL;

  if (g_str_equal (tool, BFY_RELAY_TOOL))
    {
      bfy_relay_call_async (agent, request, binding, cancellable, callback, user_data);
      return;
    }
  task = g_task_new (NULL, cancellable, callback, user_data);
  call = g_new0 (Call, 1);
  g_task_set_source_tag (task, call_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, call, call_free);
  call->agent = agent;
  call->binding = bfy_binding_ref (binding);
  call->request = bfy_request_ref (request);
  call->asker = bfy_row_stream_find_asker (request);
  if (call->asker != NULL)
    bfy_request_ref (call->asker);
  call->limits = bfy_agent_limits (agent, binding);
  if (!read_arguments (call, tool, arguments, &error))
    g_task_return_error (task, error);
  else if (call->database->kind == BFY_DATABASE_SQLITE)
    run_sqlite (task);
  else
    bfy_databases_take_async (agent->databases, binding, !bfy_request_is_quiet (request),
                              cancellable, on_taken, g_object_ref (task));
}

static JsonNode *
call_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

const BfyToolboxKind bfy_database_toolbox = {
  .type = BFY_BINDING_DATABASE,
  .list = bfy_database_list_tools,
  .call_async = call_async,
  .call_finish = call_finish,
  .has_recorded = bfy_relay_call_has_recorded,
};
