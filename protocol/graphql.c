/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A scanner of executable documents (GraphQL, October 2021, sections 2.1 to 2.4). It cuts the text
 * into tokens as a server does, so that nothing hides in a comment or a string, knows the frame of
 * each definition and takes selections and arguments as brackets that have to close. */

#include "protocol/graphql.h"

#include <string.h>

typedef enum
{
  TOKEN_END,
  TOKEN_NAME,
  TOKEN_VALUE, /* a string or a number */
  TOKEN_MARK,  /* one byte; three dots are one token, too */
  TOKEN_BAD,
} TokenType;

typedef struct
{
  const char *at;
  const char *end;
  TokenType type; /* of the token that was read last */
  const char *token;
  gsize length;
} Scanner;

static const struct
{
  const char *name;
  BfyGraphql operation;
} operations[] = {
  { "query", BFY_GRAPHQL_QUERY },
  { "mutation", BFY_GRAPHQL_MUTATION },
  { "subscription", BFY_GRAPHQL_SUBSCRIPTION },
};

static gboolean
starts_with (const Scanner *self, const char *text)
{
  gsize n_bytes = strlen (text);

  return (gsize) (self->end - self->at) >= n_bytes && memcmp (self->at, text, n_bytes) == 0;
}

static void
skip_ignored (Scanner *self)
{
  for (; self->at < self->end; self->at++)
    {
      if (starts_with (self, "\xef\xbb\xbf")) /* a byte order mark */
        self->at += 2;
      else if (*self->at == '#')
        while (self->at + 1 < self->end && self->at[1] != '\n' && self->at[1] != '\r')
          self->at++;
      else if (*self->at == '\0' || strchr (" \t\r\n,", *self->at) == NULL)
        break;
    }
}

static gboolean
is_name_byte (char byte)
{
  return g_ascii_isalnum (byte) || byte == '_';
}

static TokenType
take_block_string (Scanner *self)
{
  for (self->at += 3; self->at < self->end; self->at++)
    {
      if (starts_with (self, "\\\"\"\""))
        {
          self->at += 3;
        }
      else if (starts_with (self, "\"\"\""))
        {
          self->at += 3;
          return TOKEN_VALUE;
        }
    }

  return TOKEN_BAD;
}

static TokenType
take_string (Scanner *self)
{
  if (starts_with (self, "\"\"\""))
    return take_block_string (self);

  for (self->at++; self->at < self->end; self->at++)
    {
      if (*self->at == '"')
        {
          self->at++;
          return TOKEN_VALUE;
        }
      if (*self->at == '\n' || *self->at == '\r')
        return TOKEN_BAD;
      if (*self->at == '\\')
        self->at++;
    }

  return TOKEN_BAD;
}

static TokenType
take_mark (Scanner *self)
{
  if (starts_with (self, "..."))
    {
      self->at += 3;
      return TOKEN_MARK;
    }

  return *self->at != '\0' && strchr ("!$&():=@[]{|}", *self->at++) != NULL ? TOKEN_MARK
                                                                            : TOKEN_BAD;
}

static void
next (Scanner *self)
{
  skip_ignored (self);
  self->token = self->at;
  if (self->at == self->end)
    {
      self->type = TOKEN_END;
    }
  else if (g_ascii_isalpha (*self->at) || *self->at == '_')
    {
      self->type = TOKEN_NAME;
      while (self->at < self->end && is_name_byte (*self->at))
        self->at++;
    }
  else if (g_ascii_isdigit (*self->at) || *self->at == '-')
    {
      self->type = TOKEN_VALUE;
      for (self->at++; self->at < self->end; self->at++)
        if (!is_name_byte (*self->at) && strchr (".+-", *self->at) == NULL)
          break;
    }
  else
    {
      self->type = *self->at == '"' ? take_string (self) : take_mark (self);
    }
  self->length = self->at - self->token;
}

static gboolean
is_mark (const Scanner *self, char mark)
{
  return self->type == TOKEN_MARK && *self->token == mark;
}

static gboolean
is_name (const Scanner *self, const char *name)
{
  return self->type == TOKEN_NAME && self->length == strlen (name) &&
         memcmp (self->token, name, self->length) == 0;
}

static char
closing (char opening)
{
  return opening == '(' ? ')' : opening == '[' ? ']' : '}';
}

/* From an opening bracket to behind the one that closes it. Empty ones are errors. */
static gboolean
skip_brackets (Scanner *self)
{
  char expected[BFY_GRAPHQL_DEPTH_MAX];
  guint depth = 0;

  do
    {
      if (self->type == TOKEN_END || self->type == TOKEN_BAD)
        return FALSE;
      if (self->type == TOKEN_MARK && strchr ("([{", *self->token) != NULL)
        {
          if (depth == BFY_GRAPHQL_DEPTH_MAX)
            return FALSE;
          expected[depth++] = closing (*self->token);
        }
      else if (self->type == TOKEN_MARK && strchr (")]}", *self->token) != NULL &&
               expected[--depth] != *self->token)
        {
          return FALSE;
        }
      next (self);
    }
  while (depth > 0);

  return TRUE;
}

/* Arguments or variables, if there are any. */
static gboolean
skip_parentheses (Scanner *self)
{
  return !is_mark (self, '(') || skip_brackets (self);
}

static gboolean
skip_directives (Scanner *self)
{
  while (is_mark (self, '@'))
    {
      next (self);
      if (self->type != TOKEN_NAME)
        return FALSE;
      next (self);
      if (!skip_parentheses (self))
        return FALSE;
    }

  return TRUE;
}

static gboolean
skip_selections (Scanner *self)
{
  return is_mark (self, '{') && skip_brackets (self);
}

static gboolean
skip_fragment (Scanner *self)
{
  next (self);
  if (self->type != TOKEN_NAME || is_name (self, "on"))
    return FALSE;
  next (self);
  if (!is_name (self, "on"))
    return FALSE;
  next (self);
  if (self->type != TOKEN_NAME)
    return FALSE;
  next (self);

  return skip_directives (self) && skip_selections (self);
}

static gboolean
skip_operation (Scanner *self)
{
  next (self);
  if (self->type == TOKEN_NAME)
    next (self);

  return skip_parentheses (self) && skip_directives (self) && skip_selections (self);
}

static BfyGraphql
operation_at (const Scanner *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    if (is_name (self, operations[i].name))
      return operations[i].operation;

  return BFY_GRAPHQL_NONE;
}

BfyGraphql
bfy_graphql_scan (const char *text, gsize length)
{
  const char *start = length > 0 ? text : "";
  Scanner scanner = { .at = start, .end = start + length };
  BfyGraphql found = BFY_GRAPHQL_NONE;

  next (&scanner);
  while (scanner.type != TOKEN_END)
    {
      BfyGraphql operation = operation_at (&scanner);
      gboolean is_good;

      if (is_mark (&scanner, '{'))
        {
          found |= BFY_GRAPHQL_QUERY;
          is_good = skip_selections (&scanner);
        }
      else if (is_name (&scanner, "fragment"))
        {
          is_good = skip_fragment (&scanner);
        }
      else
        {
          found |= operation;
          is_good = operation != BFY_GRAPHQL_NONE && skip_operation (&scanner);
        }
      if (!is_good)
        return BFY_GRAPHQL_UNREAD;
    }

  return found != BFY_GRAPHQL_NONE ? found : BFY_GRAPHQL_UNREAD;
}
