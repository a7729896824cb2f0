/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib-unix.h>
#include <string.h>

#include "agent/database/pg-private.h"
#include "protocol/error.h"

/* Where systems keep the authorities that they trust; libpq 15 cannot ask OpenSSL for them. */
static const char *const trusted_files[] = {
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
};

/* So that libpq finds no file of the person's own, which would be used without a word. */
#define NO_FILE "/dev/null/none"
#define PARAMETERS_MAX 20

/* What libpq is told; it copies everything. */
typedef struct
{
  const char *names[PARAMETERS_MAX + 1];
  const char *values[PARAMETERS_MAX + 1];
  guint n;
} Parameters;

static void
add (Parameters *self, const char *name, const char *value)
{
  g_assert (self->n < PARAMETERS_MAX);
  self->names[self->n] = name;
  self->values[self->n++] = value;
}

static const char *
trusted_file (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (trusted_files); i++)
    if (g_file_test (trusted_files[i], G_FILE_TEST_EXISTS))
      return trusted_files[i];

  return trusted_files[0];
}

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static gboolean
on_ready (int fd, GIOCondition condition, gpointer user_data)
{
  BfyPg *self = user_data;
  BfyPgStep step = self->step;

  clear_source (&self->ready);
  step (self);

  return G_SOURCE_REMOVE;
}

void
bfy_pg_watch (BfyPg *self, GIOCondition condition, BfyPgStep step)
{
  clear_source (&self->ready);
  self->step = step;
  self->ready = g_unix_fd_source_new (bfy_libpq.PQsocket (self->connection), condition);
  g_source_set_callback (self->ready, G_SOURCE_FUNC (on_ready), self, NULL);
  g_source_attach (self->ready, g_main_context_get_thread_default ());
}

/* The server notices that its client has gone, and gives up what it was doing. */
static gboolean
on_called_off (GCancellable *cancellable, gpointer user_data)
{
  BfyPg *self = user_data;
  gboolean has_timed_out = self->errand.has_timed_out;
  g_autoptr (GTask) task = bfy_pg_end (self);

  self->is_broken = TRUE;
  g_clear_pointer (&self->connection, bfy_libpq.PQfinish);
  if (has_timed_out)
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_TIMEOUT,
                             "The database did not answer in time");
  else
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_CANCELLED, "Nobody waits any more");

  return G_SOURCE_REMOVE;
}

gboolean
bfy_pg_begin (BfyPg *self, GTask *task, GCancellable *cancellable, guint timeout_ms)
{
  g_assert (self->task == NULL);
  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return FALSE;
    }
  self->task = task;
  bfy_errand_init (&self->errand, cancellable, timeout_ms);
  self->called_off = g_cancellable_source_new (self->errand.cancellable);
  g_source_set_callback (self->called_off, G_SOURCE_FUNC (on_called_off), self, NULL);
  g_source_attach (self->called_off, g_main_context_get_thread_default ());

  return TRUE;
}

GTask *
bfy_pg_end (BfyPg *self)
{
  clear_source (&self->ready);
  clear_source (&self->called_off);
  bfy_errand_clear (&self->errand);

  return g_steal_pointer (&self->task);
}

void
bfy_pg_free (BfyPg *self)
{
  if (self == NULL)
    return;
  if (self->task != NULL)
    {
      g_autoptr (GTask) task = bfy_pg_end (self);

      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_CANCELLED, "The connection was closed");
    }
  g_clear_pointer (&self->connection, bfy_libpq.PQfinish);
  g_clear_pointer (&self->values, g_ptr_array_unref);
  g_clear_error (&self->problem);
  g_free (self->sql);
  g_free (self);
}

gboolean
bfy_pg_is_usable (BfyPg *self)
{
  return !self->is_broken && self->task == NULL &&
         bfy_libpq.PQstatus (self->connection) == CONNECTION_OK &&
         bfy_libpq.PQtransactionStatus (self->connection) == PQTRANS_IDLE;
}

/* Notices say nothing that anybody waits for. */
static void
on_notice (void *user_data, const PGresult *result)
{
}

static void
step_open (BfyPg *self)
{
  switch (bfy_libpq.PQconnectPoll (self->connection))
    {
    case PGRES_POLLING_READING:
      bfy_pg_watch (self, G_IO_IN, step_open);
      return;
    case PGRES_POLLING_WRITING:
      bfy_pg_watch (self, G_IO_OUT, step_open);
      return;
    case PGRES_POLLING_OK:
      {
        g_autoptr (GTask) task = bfy_pg_end (self);

        bfy_libpq.PQsetnonblocking (self->connection, 1);
        bfy_libpq.PQsetErrorVerbosity (self->connection, PQERRORS_DEFAULT);
        g_task_return_pointer (task, self, (GDestroyNotify) bfy_pg_free);
        return;
      }
    default:
      {
        g_autoptr (GTask) task = bfy_pg_end (self);

        g_task_return_error (task, bfy_pg_connection_error (self->connection));
        bfy_pg_free (self);
      }
    }
}

/* So many times the host, its port once: libpq pairs them. */
static char *
repeat_host (const char *host, const char *addresses)
{
  GString *hosts = g_string_new (host);

  for (const char *comma = strchr (addresses, ','); comma != NULL; comma = strchr (comma + 1, ','))
    g_string_append_printf (hosts, ",%s", host);

  return g_string_free (hosts, FALSE);
}

static PGconn *
start (const BfyPgOpening *opening)
{
  const BfyDatabase *database = opening->database;
  g_autofree char *hosts = repeat_host (database->host, opening->addresses);
  g_autofree char *port = g_strdup_printf ("%u", database->port);
  Parameters parameters = { .n = 0 };

  add (&parameters, "host", hosts);
  add (&parameters, "hostaddr", opening->addresses);
  add (&parameters, "port", port);
  add (&parameters, "dbname", database->name);
  add (&parameters, "user", database->user);
  if (opening->password != NULL)
    add (&parameters, "password", bfy_secret_peek_text (opening->password));
  add (&parameters, "passfile", NO_FILE);
  add (&parameters, "sslmode", database->is_plain ? "disable" : "verify-full");
  add (&parameters, "sslrootcert",
       database->certificates != NULL ? database->certificates : trusted_file ());
  add (&parameters, "sslcert", NO_FILE);
  add (&parameters, "sslkey", NO_FILE);
  add (&parameters, "sslcrl", NO_FILE);
  add (&parameters, "ssl_min_protocol_version", "TLSv1.2");
  add (&parameters, "gssencmode", "disable");
  add (&parameters, "client_encoding", "UTF8");
  add (&parameters, "application_name", "bindify");

  return bfy_libpq.PQconnectStartParams (parameters.names, parameters.values, 0);
}

/* A connection that is called off while it is made is nobody's. */
static gboolean
on_opening_called_off (GCancellable *cancellable, gpointer user_data)
{
  BfyPg *self = user_data;

  on_called_off (cancellable, self);
  bfy_pg_free (self);

  return G_SOURCE_REMOVE;
}

void
bfy_pg_open_async (const BfyPgOpening *opening,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  BfyPg *self;
  GError *error = NULL;

  g_task_set_check_cancellable (task, FALSE);
  g_task_set_source_tag (task, bfy_pg_open_async);
  if (!bfy_libpq_load (&error))
    {
      g_task_return_error (task, error);
      return;
    }
  self = g_new0 (BfyPg, 1);
  self->connection = start (opening);
  if (self->connection == NULL || bfy_libpq.PQstatus (self->connection) == CONNECTION_BAD)
    {
      g_task_return_error (task, bfy_pg_connection_error (self->connection));
      bfy_pg_free (self);
      return;
    }
  bfy_libpq.PQsetErrorVerbosity (self->connection, PQERRORS_SQLSTATE);
  bfy_libpq.PQsetNoticeReceiver (self->connection, on_notice, NULL);
  if (!bfy_pg_begin (self, g_steal_pointer (&task), cancellable, opening->timeout_ms))
    {
      bfy_pg_free (self);
      return;
    }
  g_source_set_callback (self->called_off, G_SOURCE_FUNC (on_opening_called_off), self, NULL);
  bfy_pg_watch (self, G_IO_OUT, step_open);
}

BfyPg *
bfy_pg_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
