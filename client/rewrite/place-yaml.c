/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "client/rewrite/place-yaml-private.h"

/* YAML 1.2 as configuration files have it; what is not understood for certain is refused. Columns
 * are bytes: only spaces and what stands behind “- ” come before the places they are asked for. */

static BfyPlace *read_block (BfyReader *reader, gsize parent, GError **error);

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
      g_autofree char *name = bfy_yaml_read_quoted (reader, NULL);

      bfy_yaml_skip_blanks (reader);
      is_name = name != NULL;
    }
  else if (!bfy_yaml_is_special (reader))
    {
      reader->at += bfy_yaml_measure_plain (reader, FALSE);
      bfy_yaml_skip_blanks (reader);
      is_name = TRUE;
    }
  is_name = is_name && reader->text[reader->at] == ':' &&
            bfy_yaml_is_space_or_end (reader->text[reader->at + 1]);
  reader->at = at;

  return is_name;
}

/* Behind a colon or a dash: in this line, or below it. */
static BfyPlace *
read_below (BfyReader *reader, gsize parent, gboolean takes_items, GError **error)
{
  gsize begin = reader->at;
  gsize column;

  if (!bfy_yaml_skip_lines (reader, error))
    return NULL;
  column = bfy_yaml_column (reader);
  if (reader->at < reader->length &&
      (column > parent || (takes_items && column == parent && bfy_yaml_is_item (reader))))
    return read_block (reader, column > parent ? parent : column - 1, error);
  reader->at = begin;

  return bfy_place_new (BFY_PLACE_PLAIN, begin);
}

static BfyPlace *
read_pair (BfyReader *reader, gsize column, GError **error)
{
  gsize entry = reader->at;
  g_autofree char *name = NULL;
  BfyPlace *value;
  gsize at;

  if (reader->text[reader->at] == '"' || reader->text[reader->at] == '\'')
    name = bfy_yaml_read_quoted (reader, error);
  else
    {
      gsize length = bfy_yaml_measure_plain (reader, FALSE);

      name = g_strndup (reader->text + reader->at, length);
      reader->at += length;
    }
  if (name == NULL)
    return NULL;
  bfy_yaml_skip_blanks (reader);
  at = ++reader->at;
  bfy_yaml_skip_comment (reader);
  if (bfy_yaml_is_line_end (reader->text[reader->at]))
    {
      reader->at = at;
      value = read_below (reader, column, TRUE, error);
    }
  else
    value = bfy_yaml_read_inline (reader, column, error);
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
  bfy_yaml_skip_comment (reader);
  if (bfy_yaml_is_line_end (reader->text[reader->at]))
    {
      reader->at = at;
      value = read_below (reader, column, FALSE, error);
    }
  else
    value = bfy_yaml_is_item (reader) || is_pair (reader)
                ? read_block (reader, column, error)
                : bfy_yaml_read_inline (reader, column, error);
  if (value != NULL)
    value->entry = entry;

  return value;
}

/* Goes to the next entry at @column. FALSE with @error unset: there is none. */
static gboolean
find_next (BfyReader *reader, gsize column, GError **error)
{
  gsize at = reader->at;

  if (!bfy_yaml_skip_lines (reader, error))
    return FALSE;
  if (reader->at == reader->length || bfy_yaml_column (reader) < column)
    {
      reader->at = at;
      return FALSE;
    }
  if (bfy_yaml_column (reader) > column)
    return bfy_reader_refuse (reader, "this line stands too far in", error);

  return TRUE;
}

static BfyPlace *
read_entries (BfyReader *reader, gboolean is_list, GError **error)
{
  gsize column = bfy_yaml_column (reader);
  g_autoptr (BfyPlace) place = bfy_place_new (is_list ? BFY_PLACE_LIST : BFY_PLACE_MAP, reader->at);
  GError *problem = NULL;

  do
    {
      BfyPlace *entry;

      if (bfy_yaml_is_item (reader) != is_list)
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
  if (bfy_yaml_is_item (reader))
    place = read_entries (reader, TRUE, error);
  else if (is_pair (reader))
    place = read_entries (reader, FALSE, error);
  else
    place = bfy_yaml_read_inline (reader, parent, error);
  bfy_reader_leave (reader);

  return place;
}

/* The line “---” that may begin a file. */
static gboolean
skip_mark (BfyReader *reader, GError **error)
{
  if (!bfy_yaml_skip_lines (reader, error))
    return FALSE;
  if (!g_str_has_prefix (reader->text + reader->at, "---") || bfy_yaml_column (reader) != 0)
    return TRUE;
  reader->at += 3;

  return bfy_yaml_end_line (reader, error) && bfy_yaml_skip_lines (reader, error);
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
  if (place == NULL || !bfy_yaml_skip_lines (reader, error))
    return NULL;
  if (reader->at != reader->length || place->kind != BFY_PLACE_MAP)
    {
      bfy_reader_refuse (reader, "this way of writing is not understood", error);
      return NULL;
    }

  return g_steal_pointer (&place);
}
