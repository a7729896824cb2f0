/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* One statement: BEGIN, the statement by the extended protocol, which takes one and no more, and
 * COMMIT or ROLLBACK. What it is allowed to do is the server's to enforce: in a transaction that is
 * read-only nothing is written, whatever the text hides, and its single statement cannot make
 * another of it. */

#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/database/pg-private.h"
#include "protocol/error.h"

/* How much longer we wait than the server is told to. */
#define GRACE_MS 2000
/* Since which version a server looks whether its client is still there. */
#define VERSION_CHECKS_CLIENT 140000
#define CHECK_CLIENT_MS 2000
/* TLS and the protocol cost some; a single value may be as large as the answer is allowed to be. */
#define RECEIVED_SLACK_BYTES (4 * 1024 * 1024)

typedef enum
{
  PHASE_BEGIN,
  PHASE_STATEMENT,
  PHASE_END,
  PHASE_TIDY,
} Phase;

static void step_run (BfyPg *self);

static void
finish (BfyPg *self)
{
  g_autoptr (GTask) task = bfy_pg_end (self);

  self->rows = NULL;
  g_clear_pointer (&self->sql, g_free);
  g_clear_pointer (&self->values, g_ptr_array_unref);
  if (self->problem != NULL)
    g_task_return_error (task, g_steal_pointer (&self->problem));
  else
    g_task_return_boolean (task, TRUE);
}

/* The first that went wrong is what is told. Takes over @error. */
static void
note_problem (BfyPg *self, GError *error)
{
  if (self->problem == NULL)
    self->problem = error;
  else
    g_error_free (error);
}

static void
break_off (BfyPg *self, GError *error)
{
  note_problem (self, error);
  self->is_broken = TRUE;
  finish (self);
}

static guint64
received_bytes (BfyPg *self)
{
  struct tcp_info info = { 0 };
  socklen_t length = sizeof info;

  if (getsockopt (bfy_libpq.PQsocket (self->connection), IPPROTO_TCP, TCP_INFO, &info, &length) !=
      0)
    return 0;

  return info.tcpi_bytes_received;
}

/* libpq keeps a row until it is whole, however large it is. */
static gboolean
is_flooded (BfyPg *self)
{
  return self->rows != NULL && !self->rows->is_truncated &&
         received_bytes (self) - self->n_received >
             2 * (guint64) self->rows->n_bytes_max + RECEIVED_SLACK_BYTES;
}

static char *
format_begin (BfyPg *self)
{
  GString *text = g_string_new (self->may_write ? "BEGIN READ WRITE" : "BEGIN READ ONLY");

  g_string_append_printf (text,
                          "; SET LOCAL statement_timeout = %u; SET LOCAL lock_timeout = %u"
                          "; SET LOCAL standard_conforming_strings = on",
                          self->timeout_ms, self->timeout_ms);
  if (bfy_libpq.PQserverVersion (self->connection) >= VERSION_CHECKS_CLIENT)
    g_string_append_printf (text, "; SET LOCAL client_connection_check_interval = %u",
                            CHECK_CLIENT_MS);

  return g_string_free (text, FALSE);
}

static gboolean
send_statement (BfyPg *self)
{
  const char *const *values = self->values != NULL ? (gpointer) self->values->pdata : NULL;
  int n_values = self->values != NULL ? (int) self->values->len : 0;

  return bfy_libpq.PQsendQueryParams (self->connection, self->sql, n_values, NULL, values, NULL,
                                      NULL, 0) &&
         bfy_libpq.PQsetSingleRowMode (self->connection);
}

static gboolean
send_phase (BfyPg *self)
{
  switch ((Phase) self->phase)
    {
    case PHASE_BEGIN:
      {
        g_autofree char *text = format_begin (self);

        return bfy_libpq.PQsendQuery (self->connection, text);
      }
    case PHASE_STATEMENT:
      return send_statement (self);
    case PHASE_END:
      return bfy_libpq.PQsendQuery (
          self->connection, self->may_write && self->problem == NULL ? "COMMIT" : "ROLLBACK");
    case PHASE_TIDY:
      return bfy_libpq.PQsendQuery (self->connection, "DISCARD ALL");
    }

  return FALSE;
}

static void
begin_phase (BfyPg *self, Phase phase)
{
  self->phase = phase;
  if (send_phase (self))
    step_run (self);
  else
    break_off (self, g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                                          "The connection to the database is lost"));
}

static void
take_columns (BfyPg *self, const PGresult *result)
{
  JsonArray *columns = json_array_new ();

  for (int i = 0; i < bfy_libpq.PQnfields (result); i++)
    bfy_rows_name_column (columns, bfy_libpq.PQfname (result, i),
                          bfy_pg_type_name (bfy_libpq.PQftype (result, i)));
  bfy_rows_take_columns (self->rows, columns);
}

static gboolean
take_row (BfyPg *self, const PGresult *result)
{
  int n_columns = bfy_libpq.PQnfields (result);
  JsonArray *row = json_array_sized_new ((guint) n_columns);
  gsize n_bytes = 0;

  for (int i = 0; i < n_columns; i++)
    {
      gsize length = (gsize) bfy_libpq.PQgetlength (result, 0, i);

      n_bytes += length;
      if (bfy_libpq.PQgetisnull (result, 0, i))
        json_array_add_null_element (row);
      else
        json_array_add_element (row, bfy_pg_value (bfy_libpq.PQgetvalue (result, 0, i), length,
                                                   bfy_libpq.PQftype (result, i)));
    }

  return bfy_rows_add (self->rows, row, n_bytes);
}

/* Of what changes something the end is waited for, or it would not have happened. FALSE: enough. */
static gboolean
take_single (BfyPg *self, const PGresult *result)
{
  if (self->rows->columns == NULL)
    take_columns (self, result);
  if (!self->rows->is_truncated)
    take_row (self, result);

  return !self->rows->is_truncated || self->may_write;
}

static void
take_changed (BfyPg *self, PGresult *result)
{
  const char *changed = bfy_libpq.PQcmdTuples (result);
  guint64 n = 0;

  if (self->phase == PHASE_STATEMENT && bfy_libpq.PQresultStatus (result) == PGRES_COMMAND_OK &&
      g_ascii_string_to_unsigned (changed, 10, 0, G_MAXINT64, &n, NULL))
    self->rows->n_changed = (gint64) n;
}

/* FALSE when the connection cannot go on. */
static gboolean
take_result (BfyPg *self, PGresult *result)
{
  switch (bfy_libpq.PQresultStatus (result))
    {
    case PGRES_SINGLE_TUPLE:
      return take_single (self, result);
    case PGRES_TUPLES_OK:
      if (self->phase == PHASE_STATEMENT && self->rows->columns == NULL)
        take_columns (self, result);
      if (self->may_write)
        take_changed (self, result);
      return TRUE;
    case PGRES_COMMAND_OK:
      take_changed (self, result);
      return TRUE;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
      note_problem (self, g_error_new_literal (BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                                               "COPY does not go with a single statement"));
      return FALSE;
    default:
      note_problem (self, bfy_pg_result_error (result));
      return TRUE;
    }
}

static void
end_phase (BfyPg *self)
{
  gboolean is_lost = bfy_libpq.PQstatus (self->connection) != CONNECTION_OK;

  if (is_lost && self->problem == NULL)
    note_problem (self, g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                                             "The connection to the database is lost"));
  if (is_lost || (self->phase == PHASE_BEGIN && self->problem != NULL))
    self->is_broken = TRUE;
  if (self->is_broken || self->phase == PHASE_END || self->phase == PHASE_TIDY)
    finish (self);
  else
    begin_phase (self, self->phase + 1);
}

/* The rest of an answer that nobody wants would have to be read; it is quicker to hang up. */
static void
leave (BfyPg *self)
{
  self->is_broken = TRUE;
  finish (self);
}

/* Nothing is read from the socket either: so the server is held, too. */
static gboolean
is_held (BfyPg *self)
{
  return self->phase == PHASE_STATEMENT && self->rows != NULL && self->rows->is_held;
}

static gboolean
take_results (BfyPg *self)
{
  while (!is_held (self) && !bfy_libpq.PQisBusy (self->connection))
    {
      PGresult *result = bfy_libpq.PQgetResult (self->connection);
      gboolean goes_on;

      if (result == NULL)
        {
          end_phase (self);
          return TRUE;
        }
      goes_on = take_result (self, result);
      bfy_libpq.PQclear (result);
      if (!goes_on)
        {
          leave (self);
          return TRUE;
        }
    }

  return FALSE;
}

static void
step_run (BfyPg *self)
{
  int n_unsent;

  if (!bfy_libpq.PQconsumeInput (self->connection))
    {
      break_off (self, g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                                            "The connection to the database is lost"));
      return;
    }
  n_unsent = bfy_libpq.PQflush (self->connection);
  /* The row is there by now, and stays where it is. */
  if (is_flooded (self))
    {
      break_off (self, g_error_new_literal (BFY_ERROR, BFY_ERROR_RESPONSE_TOO_LARGE,
                                            "A row of the answer is too large"));
      return;
    }
  if (take_results (self) || is_held (self))
    return;
  bfy_pg_watch (self, n_unsent == 1 ? G_IO_IN | G_IO_OUT : G_IO_IN, step_run);
}

void
bfy_pg_resume (BfyPg *self)
{
  if (self->task != NULL && self->ready == NULL)
    step_run (self);
}

static GPtrArray *
copy_values (JsonArray *values)
{
  guint n = values != NULL ? json_array_get_length (values) : 0;
  GPtrArray *copy = g_ptr_array_new_full (n, g_free);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (copy, bfy_pg_parameter (json_array_get_element (values, i)));

  return copy;
}

void
bfy_pg_run_async (BfyPg *self,
                  const BfyPgStatement *statement,
                  BfyRows *rows,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_check_cancellable (task, FALSE);
  g_task_set_source_tag (task, bfy_pg_run_async);
  if (!bfy_pg_begin (self, task, cancellable, statement->timeout_ms + GRACE_MS))
    return;
  self->rows = rows;
  self->sql = g_strdup (statement->sql);
  self->values = copy_values (statement->values);
  self->may_write = statement->may_write;
  self->timeout_ms = statement->timeout_ms;
  self->n_received = received_bytes (self);
  begin_phase (self, PHASE_BEGIN);
}

gboolean
bfy_pg_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
bfy_pg_tidy_async (BfyPg *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_source_tag (task, bfy_pg_tidy_async);
  if (bfy_pg_begin (self, task, NULL, GRACE_MS))
    begin_phase (self, PHASE_TIDY);
}
