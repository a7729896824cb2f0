/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/sql-token.h"

#include <string.h>

static gsize
n_left (const BfySqlReader *self)
{
  return (gsize) (self->end - self->next);
}

/* NUL past the end. */
static char
peek (const BfySqlReader *self, gsize ahead)
{
  return ahead < n_left (self) ? self->next[ahead] : '\0';
}

static gboolean
is_space (char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Bytes of other alphabets are letters to both. */
static gboolean
is_word_start (char c)
{
  return g_ascii_isalpha (c) || c == '_' || (c & 0x80) != 0;
}

static gboolean
is_word_part (char c)
{
  return is_word_start (c) || g_ascii_isdigit (c) || c == '$';
}

static void
skip_line (BfySqlReader *self)
{
  while (n_left (self) > 0 && *self->next != '\n' && *self->next != '\r')
    self->next++;
}

/* PostgreSQL's are nested; SQLite's last one may stay open, which is not taken here. */
static gboolean
skip_block (BfySqlReader *self)
{
  guint depth = 0;

  do
    {
      if (peek (self, 0) == '/' && peek (self, 1) == '*' &&
          (depth == 0 || self->dialect == BFY_SQL_POSTGRES))
        {
          depth++;
          self->next += 2;
        }
      else if (peek (self, 0) == '*' && peek (self, 1) == '/')
        {
          depth--;
          self->next += 2;
        }
      else if (n_left (self) > 0)
        self->next++;
      else
        return FALSE;
    }
  while (depth > 0);

  return TRUE;
}

static gboolean
skip_blank (BfySqlReader *self)
{
  for (;;)
    {
      if (n_left (self) > 0 && is_space (*self->next))
        self->next++;
      else if (peek (self, 0) == '-' && peek (self, 1) == '-')
        skip_line (self);
      else if (peek (self, 0) != '/' || peek (self, 1) != '*')
        return TRUE;
      else if (!skip_block (self))
        return FALSE;
    }
}

/* Behind the opening quote; a doubled one is part of the text. */
static gboolean
skip_quoted (BfySqlReader *self, char quote, gboolean has_escapes)
{
  while (n_left (self) > 0)
    {
      char c = *self->next++;

      if (c == '\\' && has_escapes && n_left (self) > 0)
        self->next++;
      else if (c == quote && peek (self, 0) == quote)
        self->next++;
      else if (c == quote)
        return TRUE;
    }

  return FALSE;
}

/* How long the mark of a dollar quote is here, with both its dollars; 0 when there is none. */
static gsize
dollar_mark (const BfySqlReader *self)
{
  gsize length = 1;

  if (self->dialect != BFY_SQL_POSTGRES || g_ascii_isdigit (peek (self, 1)))
    return 0;
  while (is_word_start (peek (self, length)) || g_ascii_isdigit (peek (self, length)))
    length++;

  return peek (self, length) == '$' ? length + 1 : 0;
}

static gboolean
skip_dollar_quoted (BfySqlReader *self, gsize mark)
{
  const char *opening = self->next;

  self->next += mark;
  for (; n_left (self) >= mark; self->next++)
    if (memcmp (self->next, opening, mark) == 0)
      {
        self->next += mark;
        return TRUE;
      }

  return FALSE;
}

/* E'…' has escapes; B'', N'', U&'' and X'' are strings without. */
static gboolean
is_escape_string (const BfySqlReader *self)
{
  return self->dialect == BFY_SQL_POSTGRES && g_ascii_tolower (peek (self, 0)) == 'e' &&
         peek (self, 1) == '\'';
}

static BfySqlTokenType
read_text (BfySqlReader *self, char quote, gboolean has_escapes)
{
  return skip_quoted (self, quote, has_escapes) ? BFY_SQL_TEXT : BFY_SQL_BROKEN;
}

/* Numbers, and parameters: they have no meaning here. Letters at their end are read as a word,
 * because some versions do so. */
static BfySqlTokenType
read_number (BfySqlReader *self)
{
  self->next++;
  while (g_ascii_isdigit (peek (self, 0)) || peek (self, 0) == '.')
    self->next++;

  return BFY_SQL_TEXT;
}

static BfySqlTokenType
read_word (BfySqlReader *self)
{
  if (is_escape_string (self))
    {
      self->next += 2;
      return read_text (self, '\'', TRUE);
    }
  while (is_word_part (peek (self, 0)))
    self->next++;

  return BFY_SQL_WORD;
}

static BfySqlTokenType
read_token (BfySqlReader *self)
{
  char c = *self->next;
  gsize mark = c == '$' ? dollar_mark (self) : 0;

  if (c == '\0')
    return BFY_SQL_BROKEN;
  if (is_word_start (c))
    return read_word (self);
  if (mark > 0)
    return skip_dollar_quoted (self, mark) ? BFY_SQL_TEXT : BFY_SQL_BROKEN;
  if (g_ascii_isdigit (c) || c == '$')
    return read_number (self);
  self->next++;
  if (c == '\'' || c == '"' || (c == '`' && self->dialect == BFY_SQL_SQLITE))
    return read_text (self, c, FALSE);
  if (c == '[' && self->dialect == BFY_SQL_SQLITE)
    return read_text (self, ']', FALSE);

  return BFY_SQL_SIGN;
}

BfySqlToken
bfy_sql_reader_next (BfySqlReader *self)
{
  BfySqlToken token = { BFY_SQL_BROKEN, self->next, 0 };

  if (!skip_blank (self))
    return token;
  token.start = self->next;
  token.type = n_left (self) > 0 ? read_token (self) : BFY_SQL_END;
  token.length = (gsize) (self->next - token.start);

  return token;
}

gboolean
bfy_sql_token_is (const BfySqlToken *self, const char *word)
{
  return self->type == BFY_SQL_WORD && strlen (word) == self->length &&
         g_ascii_strncasecmp (self->start, word, self->length) == 0;
}

gboolean
bfy_sql_token_is_sign (const BfySqlToken *self, char sign)
{
  return self->type == BFY_SQL_SIGN && *self->start == sign;
}
