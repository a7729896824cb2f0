/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What a text of SQL is, told by its words alone: whether it is one statement, of which kind, and
 * whether it may change something. It is the word that a policy goes by, and an early refusal with
 * a sentence that helps. The protection is the server's: its read-only transaction, and one
 * statement for each message. So a doubt makes a write of a read, never the other way round. */
typedef enum
{
  BFY_SQL_SELECT, /* also VALUES, TABLE, and WITH in front of them */
  BFY_SQL_INSERT, /* also REPLACE */
  BFY_SQL_UPDATE,
  BFY_SQL_DELETE,
  BFY_SQL_MERGE,
  BFY_SQL_EXPLAIN,
  BFY_SQL_SHOW, /* also PRAGMA: the authorizer looks at those */
  BFY_SQL_DDL,  /* what changes the database itself, or who may use it */
  BFY_SQL_COPY,
  BFY_SQL_CALL,
  BFY_SQL_DO,
  BFY_SQL_SESSION, /* transactions, settings, cursors: all that outlives the statement */
  BFY_SQL_OTHER,
} BfySqlKind;

typedef enum
{
  BFY_SQL_POSTGRES,
  BFY_SQL_SQLITE,
} BfySqlDialect;

typedef struct
{
  BfySqlKind kind;
  gboolean may_write; /* it, or something in it */
} BfySqlStatement;

/* As long as a statement may be, in bytes. */
#define BFY_SQL_BYTES_MAX (256 * 1024)

/* BFY_ERROR_INVALID_ARGUMENT for what is no single, complete statement; BFY_ERROR_DENIED for COPY
 * with a program or a file of the server, and for what outlives the statement: nobody may do that.
 * @text needs no NUL at its end. */
gboolean bfy_sql_judge (const char *text,
                        gsize length,
                        BfySqlDialect dialect,
                        BfySqlStatement *statement,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "select", "insert", …, "other". Static. */
const char *bfy_sql_kind_to_wire (BfySqlKind kind);
