/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What went wrong, in our words: by the server's five characters (SQLSTATE), of which the first two
 * are the class. */

#include <string.h>

#include "agent/database/pg-private.h"
#include "protocol/error.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS 500

typedef struct
{
  const char *state; /* or the class alone */
  BfyErrorCode code;
  const char *text; /* (nullable) the server's own */
} Row;

static const Row rows[] = {
  { "25006", BFY_ERROR_DENIED, "This statement writes, and only reading is let through here" },
  { "28", BFY_ERROR_CREDENTIAL_REFUSED, "The database does not take the user or the password" },
  { "3D000", BFY_ERROR_UPSTREAM_FAILED, "The server has no database of that name" },
  { "42501", BFY_ERROR_DENIED, NULL },
  { "53300", BFY_ERROR_UPSTREAM_FAILED, "The database takes no more connections" },
  { "57014", BFY_ERROR_UPSTREAM_TIMEOUT, "The statement took too long, and was called off" },
  { "57P03", BFY_ERROR_UPSTREAM_FAILED, "The database is starting, or ending" },
  { "08", BFY_ERROR_UPSTREAM_FAILED, NULL },
  { "53", BFY_ERROR_UPSTREAM_FAILED, NULL },
  { "57", BFY_ERROR_UPSTREAM_FAILED, NULL },
  { "58", BFY_ERROR_UPSTREAM_FAILED, NULL },
  { "XX", BFY_ERROR_UPSTREAM_FAILED, NULL },
};

static const Row other = { "", BFY_ERROR_INVALID_ARGUMENT, NULL };

static const Row *
find_row (const char *state)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_has_prefix (state, rows[i].state))
      return &rows[i];

  return &other;
}

/* "FATAL:  28P01", somewhere in what libpq says. NULL when the server has said nothing. */
static char *
find_state (const char *message)
{
  const char *fatal = strstr (message, "FATAL:  ");
  const char *state = fatal != NULL ? fatal + strlen ("FATAL:  ") : "";

  return strspn (state, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 ? g_strndup (state, 5) : NULL;
}

GError *
bfy_pg_connection_error (PGconn *connection)
{
  const char *message =
      connection != NULL ? bfy_libpq.PQerrorMessage (connection) : "out of memory";
  g_autofree char *state = find_state (message);
  g_autofree char *shown = bfy_text_to_line (message, SHOWN_CHARACTERS);
  const Row *row = state != NULL ? find_row (state) : NULL;

  if (row == NULL)
    return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                        "The database could not be reached: %s", shown);
  if (row->text != NULL)
    return g_error_new (BFY_ERROR, row->code, "%s (%s)", row->text, state);

  return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                      "The database refuses the connection (%s)", state);
}

GError *
bfy_pg_result_error (const PGresult *result)
{
  const char *state = bfy_libpq.PQresultErrorField (result, PG_DIAG_SQLSTATE);
  const char *message = bfy_libpq.PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY);
  const Row *row = state != NULL ? find_row (state) : NULL;
  g_autofree char *shown = bfy_text_to_line (message != NULL ? message : "", SHOWN_CHARACTERS);

  if (row == NULL)
    return g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                                "The connection to the database is lost");
  if (row->text != NULL)
    return g_error_new (BFY_ERROR, row->code, "%s (%s)", row->text, state);

  return g_error_new (BFY_ERROR, row->code, "The database says: %s (%s)", shown, state);
}
