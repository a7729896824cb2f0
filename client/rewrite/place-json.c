/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "client/rewrite/place-private.h"

/* JSON as editors write it: RFC 8259, comments as in C, and a comma behind the last item. */

static const BfyEscapes escapes = {
  .letters = "\"\"\\\\//b\bf\fn\nr\rt\t",
};

static BfyPlace *read_value (BfyReader *reader, GError **error);

/* Comments too; one that does not end is found out by what should follow it. */
static void
skip_space (BfyReader *reader)
{
  for (;;)
    {
      const char *p = reader->text + reader->at;
      const char *end;

      reader->at += strspn (p, " \t\r\n");
      p = reader->text + reader->at;
      if (g_str_has_prefix (p, "//"))
        reader->at += strcspn (p, "\n");
      else if (g_str_has_prefix (p, "/*") && (end = strstr (p + 2, "*/")) != NULL)
        reader->at = (gsize) (end + 2 - reader->text);
      else
        return;
    }
}

static BfyPlace *
read_text (BfyReader *reader, GError **error)
{
  g_autoptr (BfyPlace) place = bfy_place_new (BFY_PLACE_TEXT, reader->at);

  reader->at++;
  place->text = bfy_reader_quoted (reader, &escapes, error);
  if (place->text == NULL)
    return NULL;
  place->end = reader->at;

  return g_steal_pointer (&place);
}

static gboolean
is_plain (const char *text)
{
  return g_str_equal (text, "true") || g_str_equal (text, "false") || g_str_equal (text, "null") ||
         g_regex_match_simple ("^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?\\z", text, 0, 0);
}

static BfyPlace *
read_plain (BfyReader *reader, GError **error)
{
  g_autoptr (BfyPlace) place = bfy_place_new (BFY_PLACE_PLAIN, reader->at);
  gsize length = strspn (reader->text + reader->at,
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

  place->text = g_strndup (reader->text + reader->at, length);
  if (!is_plain (place->text))
    {
      bfy_reader_refuse (reader, "a value is expected", error);
      return NULL;
    }
  reader->at += length;
  place->end = reader->at;

  return g_steal_pointer (&place);
}

/* NAME: VALUE */
static BfyPlace *
read_member (BfyReader *reader, GError **error)
{
  gsize entry = reader->at;
  g_autoptr (BfyPlace) name = NULL;
  BfyPlace *value;

  if (reader->text[reader->at] != '"')
    {
      bfy_reader_refuse (reader, "a name in quotes is expected", error);
      return NULL;
    }
  name = read_text (reader, error);
  if (name == NULL)
    return NULL;
  skip_space (reader);
  if (reader->text[reader->at] != ':')
    {
      bfy_reader_refuse (reader, "a colon is expected", error);
      return NULL;
    }
  reader->at++;
  skip_space (reader);
  value = read_value (reader, error);
  if (value == NULL)
    return NULL;
  value->name = g_steal_pointer (&name->text);
  value->entry = entry;

  return value;
}

static gboolean
read_items (BfyReader *reader, BfyPlace *place, char end, GError **error)
{
  skip_space (reader);
  while (reader->text[reader->at] != end)
    {
      BfyPlace *item = end == '}' ? read_member (reader, error) : read_value (reader, error);

      if (item == NULL || !bfy_place_add (reader, place, item, error))
        return FALSE;
      skip_space (reader);
      if (reader->text[reader->at] == ',')
        reader->at++;
      else if (reader->text[reader->at] != end)
        return bfy_reader_refuse (reader, "a comma or the end of a list is expected", error);
      skip_space (reader);
    }
  reader->at++;
  place->end = reader->at;

  return TRUE;
}

static BfyPlace *
read_container (BfyReader *reader, GError **error)
{
  gboolean is_map = reader->text[reader->at] == '{';
  g_autoptr (BfyPlace) place = bfy_place_new (is_map ? BFY_PLACE_MAP : BFY_PLACE_LIST, reader->at);

  place->is_flow = TRUE;
  if (!bfy_reader_enter (reader, error))
    return NULL;
  reader->at++;
  if (!read_items (reader, place, is_map ? '}' : ']', error))
    return NULL;
  bfy_reader_leave (reader);

  return g_steal_pointer (&place);
}

static BfyPlace *
read_value (BfyReader *reader, GError **error)
{
  switch (reader->text[reader->at])
    {
    case '{':
    case '[':
      return read_container (reader, error);
    case '"':
      return read_text (reader, error);
    default:
      return read_plain (reader, error);
    }
}

BfyPlace *
bfy_place_parse_json (BfyReader *reader, GError **error)
{
  g_autoptr (BfyPlace) place = NULL;

  skip_space (reader);
  if (reader->text[reader->at] != '{')
    {
      bfy_reader_refuse (reader, "an object is expected", error);
      return NULL;
    }
  place = read_container (reader, error);
  if (place == NULL)
    return NULL;
  skip_space (reader);
  if (reader->at != reader->length)
    {
      bfy_reader_refuse (reader, "something follows the end", error);
      return NULL;
    }

  return g_steal_pointer (&place);
}
