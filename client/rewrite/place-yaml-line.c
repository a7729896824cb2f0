/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "client/rewrite/place-yaml-private.h"

#define LINE_ENDS "\r\n"

static const BfyEscapes escapes = {
  .letters = "\"\"\\\\//0\001a\ab\bt\tn\nv\vf\fr\re\033  ",
  .wide = BFY_ESCAPES_U8 | BFY_ESCAPES_X2,
  .may_break = TRUE,
};

static BfyPlace *read_flow (BfyReader *reader, GError **error);

gsize
bfy_yaml_column (const BfyReader *reader)
{
  gsize begin = reader->at;

  while (begin > 0 && reader->text[begin - 1] != '\n')
    begin--;

  return reader->at - begin;
}

gboolean
bfy_yaml_is_line_end (char c)
{
  return c == '\0' || c == '\r' || c == '\n';
}

gboolean
bfy_yaml_is_space_or_end (char c)
{
  return c == ' ' || c == '\t' || bfy_yaml_is_line_end (c);
}

void
bfy_yaml_skip_blanks (BfyReader *reader)
{
  reader->at += strspn (reader->text + reader->at, " \t");
}

void
bfy_yaml_skip_comment (BfyReader *reader)
{
  bfy_yaml_skip_blanks (reader);
  if (reader->text[reader->at] == '#')
    reader->at += strcspn (reader->text + reader->at, LINE_ENDS);
}

/* To the first place with something at it. FALSE for indentation that nobody can be sure of. */
gboolean
bfy_yaml_skip_lines (BfyReader *reader, GError **error)
{
  gboolean is_new = reader->at == 0 || reader->text[reader->at - 1] == '\n';

  for (;;)
    {
      if (is_new && reader->text[reader->at + strspn (reader->text + reader->at, " ")] == '\t')
        {
          gsize rest = strspn (reader->text + reader->at, " \t");

          if (!bfy_yaml_is_line_end (reader->text[reader->at + rest]) &&
              reader->text[reader->at + rest] != '#')
            return bfy_reader_refuse (reader, "a tab stands before the text", error);
        }
      bfy_yaml_skip_comment (reader);
      if (!bfy_reader_skip_line_end (reader))
        return TRUE;
      is_new = TRUE;
    }
}

gboolean
bfy_yaml_end_line (BfyReader *reader, GError **error)
{
  bfy_yaml_skip_comment (reader);

  return bfy_yaml_is_line_end (reader->text[reader->at]) ||
         bfy_reader_refuse (reader, "the end of the line is expected", error);
}

gboolean
bfy_yaml_is_item (const BfyReader *reader)
{
  return reader->text[reader->at] == '-' && bfy_yaml_is_space_or_end (reader->text[reader->at + 1]);
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
      if (bfy_yaml_is_line_end (c))
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

char *
bfy_yaml_read_quoted (BfyReader *reader, GError **error)
{
  if (reader->text[reader->at] == '\'')
    return read_single (reader, error);
  reader->at++;

  return bfy_reader_quoted (reader, &escapes, error);
}

/* Plain */

/* How far a plain text reaches in its line, without the blanks at its end. */
gsize
bfy_yaml_measure_plain (const BfyReader *reader, gboolean is_flow)
{
  const char *begin = reader->text + reader->at;
  const char *p = begin;

  for (; !bfy_yaml_is_line_end (*p); p++)
    {
      if (*p == '#' && p > begin && (p[-1] == ' ' || p[-1] == '\t'))
        break;
      if (*p == ':' &&
          (bfy_yaml_is_space_or_end (p[1]) || (is_flow && strchr (",[]{}", p[1]) != NULL)))
        break;
      if (is_flow && strchr (",[]{}", *p) != NULL)
        break;
    }
  while (p > begin && (p[-1] == ' ' || p[-1] == '\t'))
    p--;

  return (gsize) (p - begin);
}

/* What has a meaning of its own at the beginning of a value. */
gboolean
bfy_yaml_is_special (const BfyReader *reader)
{
  char c = reader->text[reader->at];

  if (c == '?' || c == ':' || c == '-')
    return bfy_yaml_is_space_or_end (reader->text[reader->at + 1]);

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
  bfy_yaml_skip_blanks (reader);
  if (!bfy_reader_skip_line_end (reader))
    {
      reader->at = at;
      return FALSE;
    }
  reader->at += strspn (reader->text + reader->at, " ");
  if (!bfy_yaml_is_line_end (reader->text[reader->at]) && reader->text[reader->at] != '#' &&
      reader->text[reader->at] != '\t' && bfy_yaml_column (reader) > parent && parent != G_MAXSIZE)
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

  if (bfy_yaml_is_special (reader))
    {
      bfy_reader_refuse (reader, "this way of writing is not understood", error);
      return NULL;
    }
  do
    {
      gsize length = bfy_yaml_measure_plain (reader, is_flow);

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

  place->text = bfy_yaml_read_quoted (reader, error);
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
  if (!bfy_yaml_end_line (reader, error))
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
    bfy_yaml_skip_comment (reader);
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

BfyPlace *
bfy_yaml_read_inline (BfyReader *reader, gsize parent, GError **error)
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
  if (place != NULL && !bfy_yaml_end_line (reader, error))
    g_clear_pointer (&place, bfy_place_free);

  return place;
}
