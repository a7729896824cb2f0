/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/sql.h"

/* SQL cut into tokens, as PostgreSQL and SQLite do it, with standard_conforming_strings on (the
 * agent sets it). Comments are left out. */
typedef enum
{
  BFY_SQL_WORD, /* a bare one: a key word, or a name in no quotes */
  BFY_SQL_TEXT, /* a string, a name in quotes, a number, a parameter */
  BFY_SQL_SIGN, /* one character of anything else */
  BFY_SQL_END,
  BFY_SQL_BROKEN, /* what has begun does not end, or cannot be text */
} BfySqlTokenType;

typedef struct
{
  BfySqlTokenType type;
  const char *start; /* borrowed */
  gsize length;
} BfySqlToken;

typedef struct
{
  const char *next;
  const char *end;
  BfySqlDialect dialect;
} BfySqlReader;

BfySqlToken bfy_sql_reader_next (BfySqlReader *self);

/* Whether it is this bare word, in any case. */
gboolean bfy_sql_token_is (const BfySqlToken *self, const char *word);
gboolean bfy_sql_token_is_sign (const BfySqlToken *self, char sign);
