/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* JSON strings: escapes away, escapes on. */

#include <string.h>

#include "protocol/json-private.h"
#include "protocol/json.h"

#define UTF16_UNIT_BYTES 6 /* \uXXXX */

gboolean
bfy_json_take_utf16_unit (const char **at, const char *end, guint *unit)
{
  const char *escape = *at;
  guint value = 0;

  if (end - escape < UTF16_UNIT_BYTES || escape[0] != '\\' || escape[1] != 'u')
    return FALSE;
  for (guint i = 2; i < UTF16_UNIT_BYTES; i++)
    {
      int digit = g_ascii_xdigit_value (escape[i]);

      if (digit < 0)
        return FALSE;
      value = value << 4 | (guint) digit;
    }
  *at += UTF16_UNIT_BYTES;
  *unit = value;

  return TRUE;
}

static gboolean
is_high_surrogate (guint unit)
{
  return unit >= 0xd800 && unit <= 0xdbff;
}

static gboolean
is_low_surrogate (guint unit)
{
  return unit >= 0xdc00 && unit <= 0xdfff;
}

static gboolean
take_unicode_escape (const char **at, const char *end, gunichar *character)
{
  const char *rest;
  guint high, low;

  if (!bfy_json_take_utf16_unit (at, end, &high))
    return FALSE;

  *character = high;
  rest = *at;
  if (is_high_surrogate (high) && bfy_json_take_utf16_unit (&rest, end, &low) &&
      is_low_surrogate (low))
    {
      *character = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
      *at = rest;
    }

  return TRUE;
}

gsize
bfy_json_take_char (const char **at, const char *end, char *utf8)
{
  static const char names[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  gunichar character;

  if (**at == '\\' && end - *at >= 2)
    {
      const char *name = memchr (names, (*at)[1], sizeof names - 1);

      if (name != NULL)
        {
          utf8[0] = meanings[name - names];
          *at += 2;
          return 1;
        }
      if (take_unicode_escape (at, end, &character))
        return (gsize) g_unichar_to_utf8 (character, utf8);
    }
  utf8[0] = *(*at)++;

  return 1;
}

/* The content between the quotes. */
static gboolean
open_string (const BfyJsonSlice *string, const char **at, const char **end)
{
  if (string->type != BFY_JSON_STRING || string->length < 2)
    return FALSE;
  *at = string->start + 1;
  *end = string->start + string->length - 1;

  return TRUE;
}

gboolean
bfy_json_slice_equals (const BfyJsonSlice *string, const char *text)
{
  const char *at, *end;
  char utf8[4];

  if (!open_string (string, &at, &end))
    return FALSE;
  while (at < end)
    {
      gsize n_bytes = bfy_json_take_char (&at, end, utf8);

      for (gsize i = 0; i < n_bytes; i++, text++)
        {
          if (*text == '\0' || *text != utf8[i])
            return FALSE;
        }
    }

  return *text == '\0';
}

gsize
bfy_json_slice_unescape (const BfyJsonSlice *string, char *out)
{
  char *out_start = out;
  const char *at, *end;

  if (!open_string (string, &at, &end))
    return 0;
  while (at < end)
    {
      const char *escape = memchr (at, '\\', end - at);
      gsize n_plain = (escape != NULL ? escape : end) - at;
      char utf8[4];

      memcpy (out, at, n_plain);
      out += n_plain;
      at += n_plain;
      if (escape != NULL)
        {
          gsize n_bytes = bfy_json_take_char (&at, end, utf8);

          memcpy (out, utf8, n_bytes);
          out += n_bytes;
        }
    }

  return out - out_start;
}

char *
bfy_json_slice_dup_string (const BfyJsonSlice *string)
{
  g_autofree char *copy = NULL;

  if (string->type != BFY_JSON_STRING)
    return NULL;
  copy = g_malloc (string->length + 1);
  copy[bfy_json_slice_unescape (string, copy)] = '\0';

  return g_steal_pointer (&copy);
}

static gboolean
is_plain (char byte)
{
  return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static void
append_escaped (GString *out, gunichar character)
{
  static const char meanings[] = "\"\\\b\f\n\r\t";
  static const char names[] = "\"\\bfnrt";
  const char *meaning;

  if (character < 0x80 &&
      (meaning = memchr (meanings, (int) character, sizeof meanings - 1)) != NULL)
    g_string_append_printf (out, "\\%c", names[meaning - meanings]);
  else
    g_string_append_printf (out, "\\u%04x", character);
}

/* Takes one character of text that may be broken. NUL counts as broken: our own gate refuses it. */
static gunichar
take_text_char (const char **at, const char *end)
{
  gunichar character = (guchar) * *at;

  if (character >= 0x80)
    character = g_utf8_get_char_validated (*at, end - *at);
  if (character == 0 || character == (gunichar) -1 || character == (gunichar) -2)
    {
      (*at)++;
      return 0xfffd;
    }
  *at = g_utf8_next_char (*at);

  return character;
}

void
bfy_json_append_string (GString *out, const char *text, gssize length)
{
  const char *at = length != 0 ? text : ""; /* NULL is allowed for nothing */
  const char *end = at + (length < 0 ? (gssize) strlen (text) : length);

  g_string_append_c (out, '"');
  while (at < end)
    {
      const char *plain = at;
      gunichar character;

      while (at < end && is_plain (*at))
        at++;
      g_string_append_len (out, plain, at - plain);
      if (at == end)
        break;
      character = take_text_char (&at, end);
      if (character < 0xa0 || character == 0x2028 || character == 0x2029)
        append_escaped (out, character);
      else
        g_string_append_unichar (out, character);
    }
  g_string_append_c (out, '"');
}
