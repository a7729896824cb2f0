/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "agent/database/libpq.h"
#include "agent/database/rows.h"
#include "protocol/database.h"
#include "protocol/secret.h"

/* One connection to a PostgreSQL server: libpq on our main loop, nothing of which waits. One
 * statement at a time, each in a transaction of its own, after which nothing of the session is
 * left. A connection on which something has gone wrong is not used again.
 *
 * libpq keeps the password in its own memory as long as the connection lasts. */
typedef struct _BfyPg BfyPg;

/* Each address has been judged (agent/network); libpq asks no name server. Everything is copied.
 * BFY_ERROR_CREDENTIAL_REFUSED when the server does not take the password,
 * BFY_ERROR_UPSTREAM_FAILED or _TIMEOUT otherwise. @password: (nullable) */
typedef struct
{
  const BfyDatabase *database;
  const char *addresses; /* one or more, with commas between them */
  const BfySecret *password;
  guint timeout_ms;
} BfyPgOpening;

void bfy_pg_open_async (const BfyPgOpening *opening,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
BfyPg *bfy_pg_open_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Closes the connection, whatever is under way on it. */
void bfy_pg_free (BfyPg *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPg, bfy_pg_free)

/* What is sent to the server. */
typedef struct
{
  const char *sql;    /* one statement */
  JsonArray *values;  /* (nullable) of its parameters $1, … */
  gboolean may_write; /* else the server lets nothing through that writes */
  guint timeout_ms;
} BfyPgStatement;

#define BFY_PG_VALUES_MAX 1000

/* Everything of @statement is copied; @rows is borrowed until the callback.
 * BFY_ERROR_INVALID_ARGUMENT for what is wrong with the statement, BFY_ERROR_DENIED for what it may
 * not do, BFY_ERROR_UPSTREAM_TIMEOUT when it took too long. */
void bfy_pg_run_async (BfyPg *self,
                       const BfyPgStatement *statement,
                       BfyRows *rows,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
gboolean bfy_pg_run_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* There is room for rows again (BfyRows, is_held). */
void bfy_pg_resume (BfyPg *self);
/* Whether it can take the next statement now. */
gboolean bfy_pg_is_usable (BfyPg *self);
/* Brings the session back to what it was at its beginning. Calls back when that is done, and it is
 * usable again or not. */
void bfy_pg_tidy_async (BfyPg *self, GAsyncReadyCallback callback, gpointer user_data);
