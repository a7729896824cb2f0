/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "client/rewrite/place-private.h"

/* YAML 1.2 as configuration files have it; what is not understood for certain is refused. Columns
 * are bytes: only spaces and what stands behind “- ” come before the places they are asked for. */

#define LINE_ENDS "\r\n"

static const BfyEscapes escapes = {
  .letters = "\"\"\\\\//0\001a\ab\bt\tn\nv\vf\fr\re\033  ",
  .wide = BFY_ESCAPES_U8 | BFY_ESCAPES_X2,
  .may_break = TRUE,
};

static BfyPlace *read_block (BfyReader *reader, gsize parent, GError **error);
static BfyPlace *read_flow (BfyReader *reader, GError **error);

static gsize
column_of (const BfyReader *reader)
{
  gsize begin = reader->at;

  while (begin > 0 && reader->text[begin - 1] != '\n')
    begin--;

  return reader->at - begin;
}

static gboolean
is_line_end (char c)
{
  return c == '\0' || c == '\r' || c == '\n';
}

static gboolean
is_space_or_end (char c)
{
  return c == ' ' || c == '\t' || is_line_end (c);
}

static void
skip_blanks (BfyReader *reader)
{
  reader->at += strspn (reader->text + reader->at, " \t");
}

static void
skip_comment (BfyReader *reader)
{
  skip_blanks (reader);
  if (reader->text[reader->at] == '#')
    reader->at += strcspn (reader->text + reader->at, LINE_ENDS);
}

/* To the first place with something at it. FALSE for indentation that nobody can be sure of. */
static gboolean
skip_lines (BfyReader *reader, GError **error)
{
  gboolean is_new = reader->at == 0 || reader->text[reader->at - 1] == '\n';

  for (;;)
    {
      if (is_new && reader->text[reader->at + strspn (reader->text + reader->at, " ")] == '\t')
        {
          gsize rest = strspn (reader->text + reader->at, " \t");

          if (!is_line_end (reader->text[reader->at + rest]) &&
              reader->text[reader->at + rest] != '#')
            return bfy_reader_refuse (reader, "a tab stands before the text", error);
        }
      skip_comment (reader);
      if (!bfy_reader_skip_line_end (reader))
        return TRUE;
      is_new = TRUE;
    }
}

static gboolean
end_line (BfyReader *reader, GError **error)
{
  skip_comment (reader);

  return is_line_end (reader->text[reader->at]) ||
         bfy_reader_refuse (reader, "the end of the line is expected", error);
}

static gboolean
is_item (const BfyReader *reader)
{
  return reader->text[reader->at] == '-' && is_space_or_end (reader->text[reader->at + 1]);
}

/* Quoted */

static char *
read_single (BfyReader *reader, GError **error)
{
  g_autoptr (GString) value = g_string_new (NULL);

  for (reader->at++;; reader->at++)
    {
      char c = reader->text[reader->at];

      if (c == '\'' && reader->text[reader->at + 1] != '\'')
        break;
      if (is_line_end (c))
        {
          bfy_reader_refuse (reader, "a text does not end in its line", error);
          return NULL;
        }
      reader->at += c == '\'';
      g_string_append_c (value, c);
    }
  reader->at++;

  return g_string_free (g_steal_pointer (&value), FALSE);
}

static char *
read_quoted (BfyReader *reader, GError **error)
{
  if (reader->text[reader->at] == '\'')
    return read_single (reader, error);
  reader->at++;

  return bfy_reader_quoted (reader, &escapes, error);
}

/* Plain */

/* How far a plain text reaches in its line, without the blanks at its end. */
static gsize
measure_plain (const BfyReader *reader, gboolean is_flow)
{
  const char *begin = reader->text + reader->at;
  const char *p = begin;

  for (; !is_line_end (*p); p++)
    {
      if (*p == '#' && p > begin && (p[-1] == ' ' || p[-1] == '\t'))
        break;
      if (*p == ':' && (is_space_or_end (p[1]) || (is_flow && strchr (",[]{}", p[1]) != NULL)))
        break;
      if (is_flow && strchr (",[]{}", *p) != NULL)
        break;
    }
  while (p > begin && (p[-1] == ' ' || p[-1] == '\t'))
    p--;

  return (gsize) (p - begin);
}

/* What has a meaning of its own at the beginning of a value. */
static gboolean
is_special (const BfyReader *reader)
{
  char c = reader->text[reader->at];

  if (c == '?' || c == ':' || c == '-')
    return is_space_or_end (reader->text[reader->at + 1]);

  return c == '\0' || strchr ("&*!|>%@`,[]{}#\"'", c) != NULL;
}

static gboolean
is_word (const char *text)
{
  static const char *const words[] = { "true", "false", "null",  "~",    "True", "False",
                                       "Null", "TRUE",  "FALSE", "NULL", NULL };

  return *text == '\0' || g_strv_contains (words, text) ||
         g_regex_match_simple ("^[-+]?(0x[0-9a-fA-F]+|0o[0-7]+|[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)?|"
                               "[0-9]+\\.|\\.inf|\\.nan)\\z",
                               text, 0, 0);
}

static BfyPlace *
make_plain (GString *text, gsize begin, gsize end)
{
  BfyPlace *place = bfy_place_new (is_word (text->str) ? BFY_PLACE_PLAIN : BFY_PLACE_TEXT, begin);

  place->end = end;
  place->text = g_strdup (text->str);

  return place;
}

/* The next line goes on with a plain text when it stands further in than what has the text. */
static gboolean
goes_on (BfyReader *reader, gsize parent, gboolean is_flow)
{
  gsize at = reader->at;

  if (is_flow)
    return FALSE;
  skip_blanks (reader);
  if (!bfy_reader_skip_line_end (reader))
    {
      reader->at = at;
      return FALSE;
    }
  reader->at += strspn (reader->text + reader->at, " ");
  if (!is_line_end (reader->text[reader->at]) && reader->text[reader->at] != '#' &&
      reader->text[reader->at] != '\t' && column_of (reader) > parent && parent != G_MAXSIZE)
    return TRUE;
  reader->at = at;

  return FALSE;
}

static BfyPlace *
read_plain (BfyReader *reader, gsize parent, gboolean is_flow, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gsize begin = reader->at;
  gsize end;

  if (is_special (reader))
    {
      bfy_reader_refuse (reader, "this way of writing is not understood", error);
      return NULL;
    }
  do
    {
      gsize length = measure_plain (reader, is_flow);

      if (text->len > 0)
        g_string_append_c (text, ' ');
      g_string_append_len (text, reader->text + reader->at, (gssize) length);
      reader->at += length;
      end = reader->at;
      if (reader->text[reader->at] == ':' && !is_flow)
        {
          bfy_reader_refuse (reader, "a colon stands where none is expected", error);
          return NULL;
        }
    }
  while (goes_on (reader, parent, is_flow));

  return make_plain (text, begin, end);
}

static BfyPlace *
read_quoted_place (BfyReader *reader, GError **error)
{
  g_autoptr (BfyPlace) place = bfy_place_new (BFY_PLACE_TEXT, reader->at);

  place->text = read_quoted (reader, error);
  if (place->text == NULL)
    return NULL;
  place->end = reader->at;

  return g_steal_pointer (&place);
}

/* | and >: the lines that stand further in, or are empty, as they are. */
static BfyPlace *
read_lines (BfyReader *reader, gsize parent, GError **error)
{
  g_autoptr (BfyPlace) place = bfy_place_new (BFY_PLACE_TEXT, reader->at);
  g_autoptr (GString) text = g_string_new (NULL);

  reader->at += 1 + strspn (reader->text + reader->at + 1, "+-123456789");
  if (!end_line (reader, error))
    return NULL;
  place->end = reader->at;
  while (bfy_reader_skip_line_end (reader))
    {
      gsize line = reader->at;
      gsize indent = strspn (reader->text + line, " ");
      gsize length = strcspn (reader->text + line, LINE_ENDS);

      if (indent < length && (parent == G_MAXSIZE || indent <= parent))
        {
          reader->at = line;
          break;
        }
      g_string_append_len (text, reader->text + line + MIN (indent, length),
                           (gssize) (length - MIN (indent, length)));
      g_string_append_c (text, '\n');
      reader->at = line + length;
      if (indent < length)
        place->end = reader->at;
    }
  reader->at = place->end;
  place->text = g_strdup (text->str);

  return g_steal_pointer (&place);
}

/* Flow collections */

static gboolean
skip_flow (BfyReader *reader)
{
  do
    skip_comment (reader);
  while (bfy_reader_skip_line_end (reader));

  return TRUE;
}

static BfyPlace *
read_flow_value (BfyReader *reader, GError **error)
{
  switch (reader->text[reader->at])
    {
    case '{':
    case '[':
      return read_flow (reader, error);
    case '"':
    case '\'':
      return read_quoted_place (reader, error);
    default:
      return read_plain (reader, G_MAXSIZE, TRUE, error);
    }
}

static BfyPlace *
read_flow_pair (BfyReader *reader, GError **error)
{
  gsize entry = reader->at;
  g_autoptr (BfyPlace) name = read_flow_value (reader, error);
  BfyPlace *value;

  if (name == NULL)
    return NULL;
  skip_flow (reader);
  if (name->text == NULL || reader->text[reader->at] != ':')
    {
      bfy_reader_refuse (reader, "a name and a colon are expected", error);
      return NULL;
    }
  reader->at++;
  skip_flow (reader);
  value = strchr (",}", reader->text[reader->at]) != NULL && reader->at < reader->length
              ? bfy_place_new (BFY_PLACE_PLAIN, reader->at)
              : read_flow_value (reader, error);
  if (value == NULL)
    return NULL;
  value->name = g_steal_pointer (&name->text);
  value->entry = entry;

  return value;
}

static BfyPlace *
read_flow (BfyReader *reader, GError **error)
{
  gboolean is_map = reader->text[reader->at] == '{';
  char end = is_map ? '}' : ']';
  g_autoptr (BfyPlace) place = bfy_place_new (is_map ? BFY_PLACE_MAP : BFY_PLACE_LIST, reader->at);

  place->is_flow = TRUE;
  if (!bfy_reader_enter (reader, error))
    return NULL;
  reader->at++;
  skip_flow (reader);
  while (reader->text[reader->at] != end)
    {
      BfyPlace *item = is_map ? read_flow_pair (reader, error) : read_flow_value (reader, error);

      if (item == NULL || !bfy_place_add (reader, place, item, error))
        return NULL;
      skip_flow (reader);
      if (reader->text[reader->at] == ',')
        reader->at++;
      else if (reader->text[reader->at] != end)
        {
          bfy_reader_refuse (reader, "a comma or a closing bracket is expected", error);
          return NULL;
        }
      skip_flow (reader);
    }
  place->end = ++reader->at;
  bfy_reader_leave (reader);

  return g_steal_pointer (&place);
}

/* Block collections */

/* TRUE when a name and its colon stand here; nothing is read. */
static gboolean
is_pair (BfyReader *reader)
{
  gsize at = reader->at;
  char c = reader->text[at];
  gboolean is_name = FALSE;

  if (c == '"' || c == '\'')
    {
      g_autofree char *name = read_quoted (reader, NULL);

      skip_blanks (reader);
      is_name = name != NULL;
    }
  else if (!is_special (reader))
    {
      reader->at += measure_plain (reader, FALSE);
      skip_blanks (reader);
      is_name = TRUE;
    }
  is_name =
      is_name && reader->text[reader->at] == ':' && is_space_or_end (reader->text[reader->at + 1]);
  reader->at = at;

  return is_name;
}

/* Behind a colon or a dash: in this line, or below it. */
static BfyPlace *
read_below (BfyReader *reader, gsize parent, gboolean takes_items, GError **error)
{
  gsize begin = reader->at;
  gsize column;

  if (!skip_lines (reader, error))
    return NULL;
  column = column_of (reader);
  if (reader->at < reader->length &&
      (column > parent || (takes_items && column == parent && is_item (reader))))
    return read_block (reader, column > parent ? parent : column - 1, error);
  reader->at = begin;

  return bfy_place_new (BFY_PLACE_PLAIN, begin);
}

static BfyPlace *
read_inline (BfyReader *reader, gsize parent, GError **error)
{
  BfyPlace *place;

  switch (reader->text[reader->at])
    {
    case '|':
    case '>':
      return read_lines (reader, parent, error);
    case '{':
    case '[':
      place = read_flow (reader, error);
      break;
    case '"':
    case '\'':
      place = read_quoted_place (reader, error);
      break;
    default:
      place = read_plain (reader, parent, FALSE, error);
      break;
    }
  if (place != NULL && !end_line (reader, error))
    g_clear_pointer (&place, bfy_place_free);

  return place;
}

static BfyPlace *
read_pair (BfyReader *reader, gsize column, GError **error)
{
  gsize entry = reader->at;
  g_autofree char *name = NULL;
  BfyPlace *value;
  gsize at;

  if (reader->text[reader->at] == '"' || reader->text[reader->at] == '\'')
    name = read_quoted (reader, error);
  else
    {
      gsize length = measure_plain (reader, FALSE);

      name = g_strndup (reader->text + reader->at, length);
      reader->at += length;
    }
  if (name == NULL)
    return NULL;
  skip_blanks (reader);
  at = ++reader->at;
  skip_comment (reader);
  if (is_line_end (reader->text[reader->at]))
    {
      reader->at = at;
      value = read_below (reader, column, TRUE, error);
    }
  else
    value = read_inline (reader, column, error);
  if (value == NULL)
    return NULL;
  value->name = g_steal_pointer (&name);
  value->entry = entry;

  return value;
}

/* Behind the dash. */
static BfyPlace *
read_item (BfyReader *reader, gsize column, GError **error)
{
  gsize entry = reader->at;
  BfyPlace *value;
  gsize at;

  at = ++reader->at;
  skip_comment (reader);
  if (is_line_end (reader->text[reader->at]))
    {
      reader->at = at;
      value = read_below (reader, column, FALSE, error);
    }
  else
    value = is_item (reader) || is_pair (reader) ? read_block (reader, column, error)
                                                 : read_inline (reader, column, error);
  if (value != NULL)
    value->entry = entry;

  return value;
}

/* Goes to the next entry at @column. FALSE with @error unset: there is none. */
static gboolean
find_next (BfyReader *reader, gsize column, GError **error)
{
  gsize at = reader->at;

  if (!skip_lines (reader, error))
    return FALSE;
  if (reader->at == reader->length || column_of (reader) < column)
    {
      reader->at = at;
      return FALSE;
    }
  if (column_of (reader) > column)
    return bfy_reader_refuse (reader, "this line stands too far in", error);

  return TRUE;
}

static BfyPlace *
read_entries (BfyReader *reader, gboolean is_list, GError **error)
{
  gsize column = column_of (reader);
  g_autoptr (BfyPlace) place = bfy_place_new (is_list ? BFY_PLACE_LIST : BFY_PLACE_MAP, reader->at);
  GError *problem = NULL;

  do
    {
      BfyPlace *entry;

      if (is_item (reader) != is_list)
        {
          if (!is_list)
            bfy_reader_refuse (reader, "a list stands among names", error);
          if (is_list)
            break;
          return NULL;
        }
      if (!is_list && !is_pair (reader))
        {
          bfy_reader_refuse (reader, "a name and a colon are expected", error);
          return NULL;
        }
      entry = is_list ? read_item (reader, column, error) : read_pair (reader, column, error);
      if (entry == NULL)
        return NULL;
      place->end = entry->end;
      if (!bfy_place_add (reader, place, entry, error))
        return NULL;
    }
  while (find_next (reader, column, &problem));
  if (problem != NULL)
    {
      g_propagate_error (error, problem);
      return NULL;
    }

  return g_steal_pointer (&place);
}

/* What stands here, further in than @parent. */
static BfyPlace *
read_block (BfyReader *reader, gsize parent, GError **error)
{
  BfyPlace *place;

  if (!bfy_reader_enter (reader, error))
    return NULL;
  if (is_item (reader))
    place = read_entries (reader, TRUE, error);
  else if (is_pair (reader))
    place = read_entries (reader, FALSE, error);
  else
    place = read_inline (reader, parent, error);
  bfy_reader_leave (reader);

  return place;
}

/* The line “---” that may begin a file. */
static gboolean
skip_mark (BfyReader *reader, GError **error)
{
  if (!skip_lines (reader, error))
    return FALSE;
  if (!g_str_has_prefix (reader->text + reader->at, "---") || column_of (reader) != 0)
    return TRUE;
  reader->at += 3;

  return end_line (reader, error) && skip_lines (reader, error);
}

BfyPlace *
bfy_place_parse_yaml (BfyReader *reader, GError **error)
{
  g_autoptr (BfyPlace) place = NULL;
  gsize begin = reader->at;

  if (!skip_mark (reader, error))
    return NULL;
  if (reader->at == reader->length)
    {
      place = bfy_place_new (BFY_PLACE_MAP, begin);
      place->end = reader->length;
      return g_steal_pointer (&place);
    }
  place = read_block (reader, 0, error);
  if (place == NULL || !skip_lines (reader, error))
    return NULL;
  if (reader->at != reader->length || place->kind != BFY_PLACE_MAP)
    {
      bfy_reader_refuse (reader, "this way of writing is not understood", error);
      return NULL;
    }

  return g_steal_pointer (&place);
}
