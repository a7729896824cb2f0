/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/rewrite/place.h"

#include <string.h>

#include "client/rewrite/place-private.h"
#include "protocol/error.h"
#include "protocol/json.h"

#define BOM "\xef\xbb\xbf"

BfyPlace *
bfy_place_new (BfyPlaceKind kind, gsize begin)
{
  BfyPlace *self = g_new0 (BfyPlace, 1);

  self->kind = kind;
  self->entry = self->begin = self->end = begin;
  if (kind == BFY_PLACE_LIST || kind == BFY_PLACE_MAP)
    self->children = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_place_free);

  return self;
}

void
bfy_place_free (BfyPlace *self)
{
  if (self == NULL)
    return;

  g_free (self->name);
  g_free (self->text);
  g_clear_pointer (&self->children, g_ptr_array_unref);
  g_free (self);
}

gboolean
bfy_place_add (BfyReader *reader, BfyPlace *self, BfyPlace *child, GError **error)
{
  g_autoptr (BfyPlace) owned = child;

  if (++reader->n_places > BFY_FORM_PLACES_MAX ||
      (child->name != NULL && self->children->len >= BFY_FORM_NAMES_MAX))
    return bfy_reader_refuse (reader, "there are too many values", error);
  if (child->name != NULL && bfy_place_find_member (self, child->name) != NULL)
    return bfy_reader_refuse (reader, "a name stands here that is there already", error);
  g_ptr_array_add (self->children, g_steal_pointer (&owned));

  return TRUE;
}

BfyPlace *
bfy_place_find_member (const BfyPlace *self, const char *name)
{
  for (guint i = 0; self->kind == BFY_PLACE_MAP && i < self->children->len; i++)
    {
      BfyPlace *child = g_ptr_array_index (self->children, i);

      if (g_str_equal (child->name, name))
        return child;
    }

  return NULL;
}

static BfyPlace *
find_item (const BfyPlace *self, const char *number)
{
  guint64 i;

  if (!g_ascii_string_to_unsigned (number, 10, 0, G_MAXUINT, &i, NULL) || i >= self->children->len)
    return NULL;

  return g_ptr_array_index (self->children, (guint) i);
}

BfyPlace *
bfy_place_find (BfyPlace *self, const char *const *path)
{
  for (; self != NULL && *path != NULL; path++)
    self = self->kind == BFY_PLACE_LIST ? find_item (self, *path)
                                        : bfy_place_find_member (self, *path);

  return self;
}

const char *
bfy_place_get_text (const BfyPlace *self, const char *name)
{
  BfyPlace *member = bfy_place_find_member (self, name);

  return member != NULL && member->kind == BFY_PLACE_TEXT ? member->text : NULL;
}

BfyPlace *
bfy_place_parse (BfyForm form, const char *text, gsize length, GError **error)
{
  BfyReader reader = { text, length, 0, 0, 0 };

  if (length > BFY_FORM_BYTES_MAX)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_TOO_LARGE, "It is too large");
      return NULL;
    }
  if (memchr (text, '\0', length) != NULL || !g_utf8_validate_len (text, length, NULL))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_PARSE, "It is no text in UTF-8");
      return NULL;
    }

  if (g_str_has_prefix (text, BOM))
    reader.at = strlen (BOM);
  switch (form)
    {
    case BFY_FORM_JSON:
      return bfy_place_parse_json (&reader, error);
    case BFY_FORM_TOML:
      return bfy_place_parse_toml (&reader, error);
    case BFY_FORM_YAML:
      return bfy_place_parse_yaml (&reader, error);
    }

  g_return_val_if_reached (NULL);
}

/* Reading */

gboolean
bfy_reader_refuse (const BfyReader *self, const char *problem, GError **error)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_PARSE, "Line %u: %s",
               bfy_json_line (self->text, self->text + self->at), problem);

  return FALSE;
}

gboolean
bfy_reader_enter (BfyReader *self, GError **error)
{
  return ++self->depth <= BFY_FORM_DEPTH_MAX ||
         bfy_reader_refuse (self, "it is nested too deeply", error);
}

void
bfy_reader_leave (BfyReader *self)
{
  self->depth--;
}

gboolean
bfy_reader_skip_line_end (BfyReader *self)
{
  if (self->text[self->at] == '\r' && self->text[self->at + 1] == '\n')
    self->at++;
  if (self->text[self->at] != '\n')
    return FALSE;
  self->at++;

  return TRUE;
}

static gboolean
read_digits (BfyReader *self, guint n, gunichar *value)
{
  *value = 0;
  for (; n > 0; n--, self->at++)
    {
      int digit = g_ascii_xdigit_value (self->text[self->at]);

      if (digit < 0)
        return FALSE;
      *value = *value << 4 | (gunichar) digit;
    }

  return TRUE;
}

/* RFC 8259, 7: what does not fit into four digits is two escapes. */
static gboolean
read_pair (BfyReader *self, gunichar *value)
{
  gunichar low;

  if (*value < 0xd800 || *value > 0xdbff)
    return TRUE;
  if (self->text[self->at] != '\\' || self->text[self->at + 1] != 'u')
    return FALSE;
  self->at += 2;
  if (!read_digits (self, 4, &low) || low < 0xdc00 || low > 0xdfff)
    return FALSE;
  *value = 0x10000 + ((*value - 0xd800) << 10) + (low - 0xdc00);

  return TRUE;
}

static guint
count_digits (const BfyEscapes *escapes, char letter)
{
  switch (letter)
    {
    case 'u':
      return 4;
    case 'U':
      return (escapes->wide & BFY_ESCAPES_U8) != 0 ? 8 : 0;
    case 'x':
      return (escapes->wide & BFY_ESCAPES_X2) != 0 ? 2 : 0;
    default:
      return 0;
    }
}

/* @at is behind the backslash. */
static gboolean
read_escape (BfyReader *self, const BfyEscapes *escapes, GString *value, GError **error)
{
  char letter = self->text[self->at];
  guint n_digits = count_digits (escapes, letter);
  gunichar character;

  for (const char *p = escapes->letters; letter != '\0' && *p != '\0'; p += 2)
    {
      if (*p == letter)
        {
          self->at++;
          g_string_append_c (value, p[1]);
          return TRUE;
        }
    }
  if (n_digits == 0)
    return bfy_reader_refuse (self, "an escape is unknown", error);
  self->at++;
  if (!read_digits (self, n_digits, &character) || !read_pair (self, &character) ||
      character == 0 || !g_unichar_validate (character))
    return bfy_reader_refuse (self, "an escape is wrong", error);
  g_string_append_unichar (value, character);

  return TRUE;
}

/* YAML 1.2, 6.5: one end of a line is a space, more of them are one less. */
static void
fold (BfyReader *self, GString *value)
{
  guint n_breaks = 0;

  while (value->len > 0 &&
         (value->str[value->len - 1] == ' ' || value->str[value->len - 1] == '\t'))
    g_string_truncate (value, value->len - 1);
  while (bfy_reader_skip_line_end (self))
    {
      n_breaks++;
      self->at += strspn (self->text + self->at, " \t");
    }
  if (n_breaks == 1)
    g_string_append_c (value, ' ');
  for (; n_breaks > 1; n_breaks--)
    g_string_append_c (value, '\n');
}

char *
bfy_reader_quoted (BfyReader *self, const BfyEscapes *escapes, GError **error)
{
  g_autoptr (GString) value = g_string_new (NULL);

  while (self->text[self->at] != '"')
    {
      char c = self->text[self->at];

      if (c == '\\')
        {
          self->at++;
          if (escapes->may_break && bfy_reader_skip_line_end (self))
            self->at += strspn (self->text + self->at, " \t");
          else if (!read_escape (self, escapes, value, error))
            return NULL;
        }
      else if (escapes->may_break && (c == '\n' || c == '\r'))
        fold (self, value);
      else if ((guchar) c < 0x20 && c != '\t')
        {
          bfy_reader_refuse (self, "a text does not end", error);
          return NULL;
        }
      else
        {
          g_string_append_c (value, c);
          self->at++;
        }
    }
  self->at++;

  return g_string_free (g_steal_pointer (&value), FALSE);
}
