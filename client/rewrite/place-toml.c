/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "client/rewrite/place-private.h"

/* TOML 1.0. The lines of a table reach from its header to its last value: comments behind it belong
 * to what follows. */

#define BARE "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
#define PLAIN BARE "+.:"

static const BfyEscapes escapes = {
  .letters = "\"\"\\\\b\bf\fn\nr\rt\t",
  .wide = BFY_ESCAPES_U8,
};

static BfyPlace *read_value (BfyReader *reader, GError **error);

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
    reader->at += strcspn (reader->text + reader->at, "\r\n");
}

/* Blanks, comments and ends of lines. */
static void
skip_lines (BfyReader *reader)
{
  do
    skip_comment (reader);
  while (bfy_reader_skip_line_end (reader));
}

static gboolean
end_line (BfyReader *reader, GError **error)
{
  skip_comment (reader);

  return reader->at == reader->length || bfy_reader_skip_line_end (reader) ||
         bfy_reader_refuse (reader, "the end of the line is expected", error);
}

static char *
read_literal (BfyReader *reader, GError **error)
{
  const char *begin = reader->text + reader->at + 1;
  gsize length = strcspn (begin, "'\r\n");

  if (begin[length] != '\'')
    {
      bfy_reader_refuse (reader, "a text does not end", error);
      return NULL;
    }
  reader->at += length + 2;

  return g_strndup (begin, length);
}

static char *
read_basic (BfyReader *reader, GError **error)
{
  reader->at++;

  return bfy_reader_quoted (reader, &escapes, error);
}

/* Over several lines: as it stands, because nobody writes a token or an address so. */
static char *
read_lines (BfyReader *reader, const char *quotes, GError **error)
{
  const char *begin = reader->text + reader->at + 3;
  const char *end = strstr (begin, quotes);

  while (end != NULL && *quotes == '"' && end[-1] == '\\')
    end = strstr (end + 1, quotes);
  if (end == NULL)
    {
      bfy_reader_refuse (reader, "a text does not end", error);
      return NULL;
    }
  while (end[3] == *quotes)
    end++;
  reader->at = (gsize) (end + 3 - reader->text);

  return g_strndup (begin, (gsize) (end - begin));
}

static char *
read_text (BfyReader *reader, GError **error)
{
  const char *p = reader->text + reader->at;

  if (g_str_has_prefix (p, "\"\"\""))
    return read_lines (reader, "\"\"\"", error);
  if (g_str_has_prefix (p, "'''"))
    return read_lines (reader, "'''", error);

  return *p == '"' ? read_basic (reader, error) : read_literal (reader, error);
}

static char *
read_name (BfyReader *reader, GError **error)
{
  const char *p = reader->text + reader->at;
  gsize length = strspn (p, BARE);

  if (*p == '"')
    return read_basic (reader, error);
  if (*p == '\'')
    return read_literal (reader, error);
  if (length == 0)
    {
      bfy_reader_refuse (reader, "a name is expected", error);
      return NULL;
    }
  reader->at += length;

  return g_strndup (p, length);
}

/* a.b."c" */
static GStrv
read_names (BfyReader *reader, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (;;)
    {
      char *name;

      skip_blanks (reader);
      name = read_name (reader, error);
      if (name == NULL)
        return NULL;
      g_ptr_array_add (names, name);
      skip_blanks (reader);
      if (reader->text[reader->at] != '.')
        break;
      reader->at++;
    }
  if (names->len > BFY_FORM_DEPTH_MAX)
    {
      bfy_reader_refuse (reader, "it is nested too deeply", error);
      return NULL;
    }
  g_ptr_array_add (names, NULL);

  return (GStrv) g_ptr_array_steal (names, NULL);
}

/* The map that a header or a dotted name leads to; made where it is not there. Borrowed. */
static BfyPlace *
step (BfyReader *reader, BfyPlace *map, const char *name, gsize entry, GError **error)
{
  BfyPlace *next = bfy_place_find_member (map, name);

  if (next == NULL)
    {
      next = bfy_place_new (BFY_PLACE_MAP, entry);
      next->name = g_strdup (name);
      return bfy_place_add (reader, map, next, error) ? next : NULL;
    }
  if (next->kind == BFY_PLACE_LIST && !next->is_flow && next->children->len > 0)
    next = g_ptr_array_index (next->children, next->children->len - 1);
  if (next->kind == BFY_PLACE_MAP && !next->is_flow)
    return next;
  bfy_reader_refuse (reader, "a name stands here that is there already", error);

  return NULL;
}

/* NAMES = VALUE */
static gboolean
read_pair (BfyReader *reader, BfyPlace *table, GError **error)
{
  gsize entry = reader->at;
  g_auto (GStrv) names = read_names (reader, error);
  BfyPlace *value;
  guint i;

  if (names == NULL)
    return FALSE;
  if (reader->text[reader->at] != '=')
    return bfy_reader_refuse (reader, "an equals sign is expected", error);
  reader->at++;
  skip_blanks (reader);
  for (i = 0; names[i + 1] != NULL; i++)
    {
      table = step (reader, table, names[i], entry, error);
      if (table == NULL)
        return FALSE;
    }
  value = read_value (reader, error);
  if (value == NULL)
    return FALSE;
  value->name = g_strdup (names[i]);
  value->entry = entry;

  return bfy_place_add (reader, table, value, error);
}

static gboolean
read_inline_pairs (BfyReader *reader, BfyPlace *place, GError **error)
{
  skip_blanks (reader);
  while (reader->text[reader->at] != '}')
    {
      if (!read_pair (reader, place, error))
        return FALSE;
      skip_blanks (reader);
      if (reader->text[reader->at] == ',')
        reader->at++;
      else if (reader->text[reader->at] != '}')
        return bfy_reader_refuse (reader, "a comma or a closing brace is expected", error);
      skip_blanks (reader);
    }

  return TRUE;
}

static gboolean
read_items (BfyReader *reader, BfyPlace *place, GError **error)
{
  skip_lines (reader);
  while (reader->text[reader->at] != ']')
    {
      BfyPlace *item = read_value (reader, error);

      if (item == NULL || !bfy_place_add (reader, place, item, error))
        return FALSE;
      skip_lines (reader);
      if (reader->text[reader->at] == ',')
        reader->at++;
      else if (reader->text[reader->at] != ']')
        return bfy_reader_refuse (reader, "a comma or a closing bracket is expected", error);
      skip_lines (reader);
    }

  return TRUE;
}

static BfyPlace *
read_container (BfyReader *reader, GError **error)
{
  gboolean is_map = reader->text[reader->at] == '{';
  g_autoptr (BfyPlace) place = bfy_place_new (is_map ? BFY_PLACE_MAP : BFY_PLACE_LIST, reader->at);

  if (!bfy_reader_enter (reader, error))
    return NULL;
  reader->at++;
  if (!(is_map ? read_inline_pairs (reader, place, error) : read_items (reader, place, error)))
    return NULL;
  place->end = ++reader->at;
  place->is_flow = TRUE;
  bfy_reader_leave (reader);

  return g_steal_pointer (&place);
}

/* A date may have a space before its time. */
static gsize
measure_plain (const char *text)
{
  gsize length = strspn (text, PLAIN);

  if (length == strlen ("1979-05-27") && text[4] == '-' && text[length] == ' ' &&
      g_ascii_isdigit (text[length + 1]))
    length += 1 + strspn (text + length + 1, PLAIN);

  return length;
}

static BfyPlace *
read_scalar (BfyReader *reader, GError **error)
{
  char c = reader->text[reader->at];
  gboolean is_text = c == '"' || c == '\'';
  g_autoptr (BfyPlace) place =
      bfy_place_new (is_text ? BFY_PLACE_TEXT : BFY_PLACE_PLAIN, reader->at);
  gsize length = measure_plain (reader->text + reader->at);

  if (is_text)
    place->text = read_text (reader, error);
  else if (length > 0)
    {
      place->text = g_strndup (reader->text + reader->at, length);
      reader->at += length;
    }
  else
    bfy_reader_refuse (reader, "a value is expected", error);
  if (place->text == NULL)
    return NULL;
  place->end = reader->at;

  return g_steal_pointer (&place);
}

static BfyPlace *
read_value (BfyReader *reader, GError **error)
{
  char c = reader->text[reader->at];

  return c == '{' || c == '[' ? read_container (reader, error) : read_scalar (reader, error);
}

/* [[NAMES]]: one more item of a list. */
static BfyPlace *
add_item (BfyReader *reader, BfyPlace *map, const char *name, gsize begin, GError **error)
{
  BfyPlace *list = bfy_place_find_member (map, name);
  BfyPlace *item;

  if (list == NULL)
    {
      list = bfy_place_new (BFY_PLACE_LIST, begin);
      list->name = g_strdup (name);
      if (!bfy_place_add (reader, map, list, error))
        return NULL;
    }
  if (list->kind != BFY_PLACE_LIST || list->is_flow)
    {
      bfy_reader_refuse (reader, "a name stands here that is there already", error);
      return NULL;
    }
  item = bfy_place_new (BFY_PLACE_MAP, begin);

  return bfy_place_add (reader, list, item, error) ? item : NULL;
}

/* Borrowed. */
static BfyPlace *
open_table (BfyReader *reader, BfyPlace *root, gboolean is_item, GError **error)
{
  gsize begin = reader->at - (is_item ? 2 : 1);
  g_auto (GStrv) names = read_names (reader, error);
  BfyPlace *table = root;
  guint i;

  if (names == NULL)
    return NULL;
  for (i = 0; table != NULL && names[i + 1] != NULL; i++)
    table = step (reader, table, names[i], begin, error);
  if (table != NULL)
    table = is_item ? add_item (reader, table, names[i], begin, error)
                    : step (reader, table, names[i], begin, error);
  if (table == NULL)
    return NULL;
  if (table->is_table)
    {
      bfy_reader_refuse (reader, "a table stands here that is there already", error);
      return NULL;
    }
  table->is_table = TRUE;
  table->entry = table->begin = begin;

  return table;
}

/* Borrowed. */
static BfyPlace *
read_header (BfyReader *reader, BfyPlace *root, GError **error)
{
  gboolean is_item = reader->text[reader->at + 1] == '[';
  const char *end = is_item ? "]]" : "]";
  BfyPlace *table;

  reader->at += strlen (end);
  table = open_table (reader, root, is_item, error);
  if (table == NULL)
    return NULL;
  if (!g_str_has_prefix (reader->text + reader->at, end))
    {
      bfy_reader_refuse (reader, "a closing bracket is expected", error);
      return NULL;
    }
  reader->at += strlen (end);

  return table;
}

BfyPlace *
bfy_place_parse_toml (BfyReader *reader, GError **error)
{
  g_autoptr (BfyPlace) root = bfy_place_new (BFY_PLACE_MAP, reader->at);
  BfyPlace *table = root;

  for (skip_lines (reader); reader->at < reader->length; skip_lines (reader))
    {
      if (reader->text[reader->at] == '[')
        table = read_header (reader, root, error);
      else if (!read_pair (reader, table, error))
        table = NULL;
      if (table == NULL)
        return NULL;
      skip_comment (reader);
      table->end = reader->at;
      if (!end_line (reader, error))
        return NULL;
    }
  root->begin = root->entry = 0;
  root->end = reader->length;

  return g_steal_pointer (&root);
}
