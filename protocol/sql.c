/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/sql.h"

#include "protocol/error.h"
#include "protocol/sql-token.h"

static const char *const kind_names[] = {
  [BFY_SQL_SELECT] = "select", [BFY_SQL_INSERT] = "insert", [BFY_SQL_UPDATE] = "update",
  [BFY_SQL_DELETE] = "delete", [BFY_SQL_MERGE] = "merge",   [BFY_SQL_EXPLAIN] = "explain",
  [BFY_SQL_SHOW] = "show",     [BFY_SQL_DDL] = "ddl",       [BFY_SQL_COPY] = "copy",
  [BFY_SQL_CALL] = "call",     [BFY_SQL_DO] = "do",         [BFY_SQL_SESSION] = "session",
  [BFY_SQL_OTHER] = "other",
};

/* The first word of a statement. */
static const struct
{
  const char *word;
  BfySqlKind kind;
} openers[] = {
  { "select", BFY_SQL_SELECT },     { "values", BFY_SQL_SELECT },
  { "table", BFY_SQL_SELECT },      { "insert", BFY_SQL_INSERT },
  { "replace", BFY_SQL_INSERT },    { "update", BFY_SQL_UPDATE },
  { "delete", BFY_SQL_DELETE },     { "merge", BFY_SQL_MERGE },
  { "explain", BFY_SQL_EXPLAIN },   { "show", BFY_SQL_SHOW },
  { "pragma", BFY_SQL_SHOW },       { "copy", BFY_SQL_COPY },
  { "call", BFY_SQL_CALL },         { "do", BFY_SQL_DO },
  { "alter", BFY_SQL_DDL },         { "analyze", BFY_SQL_DDL },
  { "analyse", BFY_SQL_DDL },       { "checkpoint", BFY_SQL_DDL },
  { "cluster", BFY_SQL_DDL },       { "comment", BFY_SQL_DDL },
  { "create", BFY_SQL_DDL },        { "drop", BFY_SQL_DDL },
  { "grant", BFY_SQL_DDL },         { "import", BFY_SQL_DDL },
  { "load", BFY_SQL_DDL },          { "reassign", BFY_SQL_DDL },
  { "refresh", BFY_SQL_DDL },       { "reindex", BFY_SQL_DDL },
  { "revoke", BFY_SQL_DDL },        { "security", BFY_SQL_DDL },
  { "truncate", BFY_SQL_DDL },      { "vacuum", BFY_SQL_DDL },
  { "abort", BFY_SQL_SESSION },     { "attach", BFY_SQL_SESSION },
  { "begin", BFY_SQL_SESSION },     { "close", BFY_SQL_SESSION },
  { "commit", BFY_SQL_SESSION },    { "deallocate", BFY_SQL_SESSION },
  { "declare", BFY_SQL_SESSION },   { "detach", BFY_SQL_SESSION },
  { "discard", BFY_SQL_SESSION },   { "end", BFY_SQL_SESSION },
  { "execute", BFY_SQL_SESSION },   { "fetch", BFY_SQL_SESSION },
  { "listen", BFY_SQL_SESSION },    { "lock", BFY_SQL_SESSION },
  { "move", BFY_SQL_SESSION },      { "notify", BFY_SQL_SESSION },
  { "prepare", BFY_SQL_SESSION },   { "release", BFY_SQL_SESSION },
  { "reset", BFY_SQL_SESSION },     { "rollback", BFY_SQL_SESSION },
  { "savepoint", BFY_SQL_SESSION }, { "set", BFY_SQL_SESSION },
  { "start", BFY_SQL_SESSION },     { "unlisten", BFY_SQL_SESSION },
};

/* In a statement that reads, each of these may be one that writes: in WITH, behind EXPLAIN ANALYZE,
 * as SELECT … INTO or FOR UPDATE. As the name of a column it only costs a question too many. */
static const char *const writing_words[] = {
  "insert", "update", "delete", "merge", "into", "create", "refresh", "execute", "declare",
};

typedef struct
{
  BfySqlReader reader;
  BfySqlToken token;
  BfySqlToken before;
  guint depth;
  gboolean is_with;
  gboolean has_kind;
  gboolean has_into;
  gboolean has_program;
  gboolean has_client_end; /* STDIN or STDOUT */
  gboolean is_over;        /* there was a semicolon */
  BfySqlStatement *statement;
} Judge;

static gboolean
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, text);

  return FALSE;
}

static gboolean
find_kind (const BfySqlToken *token, BfySqlKind *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (openers); i++)
    if (bfy_sql_token_is (token, openers[i].word))
      {
        *kind = openers[i].kind;
        return TRUE;
      }

  return FALSE;
}

static gboolean
is_writing_word (const Judge *self)
{
  /* A column, t.update, changes nothing. */
  if (bfy_sql_token_is_sign (&self->before, '.'))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (writing_words); i++)
    if (bfy_sql_token_is (&self->token, writing_words[i]))
      return TRUE;

  return FALSE;
}

/* Behind WITH the statement is the first such word outside of brackets. */
static void
note_opener (Judge *self)
{
  BfySqlKind kind = BFY_SQL_OTHER;

  if (self->has_kind || (self->is_with && self->depth > 0))
    return;
  if (!self->is_with && bfy_sql_token_is (&self->token, "with"))
    {
      self->is_with = TRUE;
      return;
    }
  if (!find_kind (&self->token, &kind) && self->is_with)
    return;
  self->statement->kind = kind;
  self->has_kind = TRUE;
}

static void
note_word (Judge *self)
{
  note_opener (self);
  if (is_writing_word (self))
    self->statement->may_write = TRUE;
  self->has_program |= bfy_sql_token_is (&self->token, "program");
  self->has_client_end |=
      bfy_sql_token_is (&self->token, "stdin") || bfy_sql_token_is (&self->token, "stdout");
}

static gboolean
note_sign (Judge *self, GError **error)
{
  if (bfy_sql_token_is_sign (&self->token, '('))
    self->depth++;
  else if (bfy_sql_token_is_sign (&self->token, ')') && self->depth-- == 0)
    return refuse (error, "A bracket in the statement closes nothing");
  else if (bfy_sql_token_is_sign (&self->token, ';'))
    self->is_over = TRUE;

  return TRUE;
}

/* FALSE also at the end, without an error. */
static gboolean
take_token (Judge *self, GError **error)
{
  self->before = self->token;
  self->token = bfy_sql_reader_next (&self->reader);
  if (self->token.type == BFY_SQL_END)
    return FALSE;
  if (self->token.type == BFY_SQL_BROKEN)
    return refuse (error, "A string or a comment in the statement does not end");
  if (self->is_over && !bfy_sql_token_is_sign (&self->token, ';'))
    return refuse (error, "Only one statement is taken at a time");
  if (self->token.type == BFY_SQL_SIGN)
    return note_sign (self, error);
  if (self->token.type == BFY_SQL_WORD)
    note_word (self);

  return TRUE;
}

static gboolean
check_whole (const Judge *self, GError **error)
{
  if (self->depth > 0)
    return refuse (error, "A bracket in the statement is not closed");
  if (!self->has_kind)
    return refuse (error, "There is no statement");

  return TRUE;
}

/* A command on the server, or its files, with the rights of the server. */
static gboolean
check_allowed (const Judge *self, GError **error)
{
  const char *problem = NULL;

  if (self->statement->kind == BFY_SQL_COPY && (self->has_program || !self->has_client_end))
    problem = "COPY with a program or a file of the server is never let through";
  else if (self->statement->kind == BFY_SQL_SESSION)
    problem = "Transactions, settings, cursors and locks are the agent’s: send the statement alone";
  if (problem == NULL)
    return TRUE;
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED, problem);

  return FALSE;
}

static gboolean
is_reading_kind (BfySqlKind kind)
{
  return kind == BFY_SQL_SELECT || kind == BFY_SQL_EXPLAIN || kind == BFY_SQL_SHOW;
}

gboolean
bfy_sql_judge (const char *text,
               gsize length,
               BfySqlDialect dialect,
               BfySqlStatement *statement,
               GError **error)
{
  g_autoptr (GError) problem = NULL;
  Judge self = { .reader = { text, length > 0 ? text + length : text, dialect },
                 .statement = statement };

  *statement = (BfySqlStatement){ BFY_SQL_OTHER, FALSE };
  if (length > BFY_SQL_BYTES_MAX)
    return refuse (error, "The statement is too long");
  if (!g_utf8_validate (text, (gssize) length, NULL))
    return refuse (error, "The statement is not UTF-8");
  while (take_token (&self, &problem))
    ;
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  statement->may_write |= !is_reading_kind (statement->kind);

  return check_whole (&self, error) && check_allowed (&self, error);
}

const char *
bfy_sql_kind_to_wire (BfySqlKind kind)
{
  return kind_names[kind];
}
