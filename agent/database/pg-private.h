/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/database/pg.h"
#include "agent/errand.h"

typedef void (*BfyPgStep) (BfyPg *self);

/* Shared by the files pg*.c and nobody else. */
struct _BfyPg
{
  PGconn *connection;  /* (owned) */
  GSource *ready;      /* (owned) (nullable) of its socket */
  GSource *called_off; /* (owned) (nullable) */
  BfyErrand errand;    /* of what is under way */
  GTask *task;         /* (owned) (nullable) what is under way */
  BfyPgStep step;      /* goes on when the socket is ready */
  BfyRows *rows;       /* borrowed while a statement runs */
  char *sql;           /* (owned) (nullable) */
  GPtrArray *values;   /* (owned) (nullable) texts, NULL for null */
  GError *problem;     /* (owned) (nullable) of the statement */
  guint phase;         /* of it */
  guint timeout_ms;    /* of it */
  gboolean may_write;  /* likewise */
  guint64 n_received;  /* on the socket, before it */
  gboolean is_broken;  /* not to be used again */
};

/* Calls @step when the socket is ready for it. */
void bfy_pg_watch (BfyPg *self, GIOCondition condition, BfyPgStep step);
/* Something begins that can be called off; FALSE when it was, before it began: then @task has
 * returned. Takes over @task. */
gboolean bfy_pg_begin (BfyPg *self, GTask *task, GCancellable *cancellable, guint timeout_ms);
/* And ends; (transfer full) for the caller to return. */
GTask *bfy_pg_end (BfyPg *self);

/* What the server, or libpq, says went wrong. (transfer full) */
GError *bfy_pg_connection_error (PGconn *connection);
GError *bfy_pg_result_error (const PGresult *result);

/* A value in JSON, by its type; @type is one of the server's numbers. */
JsonNode *bfy_pg_value (const char *text, gsize length, guint type);
/* What that type is called. Static. */
const char *bfy_pg_type_name (guint type);
/* NULL: null. (transfer full) */
char *bfy_pg_parameter (JsonNode *value);
