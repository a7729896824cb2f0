/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "protocol/spelling-private.h"

#define HTML_SPECIALS "&<>\"'/`="

static const char lower_digits[] = "0123456789abcdef";
static const char upper_digits[] = "0123456789ABCDEF";

static void
append_hex (BfySecretWriter *writer, guint8 byte, const char *digits)
{
  bfy_secret_writer_append_byte (writer, (guint8) digits[byte >> 4]);
  bfy_secret_writer_append_byte (writer, (guint8) digits[byte & 15]);
}

/* No set has letters or digits. */
static gboolean
is_one_of (guint8 byte, const char *set)
{
  return byte != '\0' && !g_ascii_isalnum (byte) && strchr (set, byte) != NULL;
}

gsize
bfy_style_percent (
    const BfyStyle *style, const guint8 *bytes, gsize length, gsize at, BfySecretWriter *writer)
{
  guint8 byte = bytes[at];
  gboolean is_kept = g_ascii_isalnum (byte) || is_one_of (byte, style->extra);

  if (byte == ' ' && (style->flags & BFY_STYLE_PLUS) != 0)
    {
      bfy_secret_writer_append_byte (writer, '+');
    }
  else if (is_kept && (style->flags & BFY_STYLE_ALL) == 0)
    {
      bfy_secret_writer_append_byte (writer, byte);
    }
  else
    {
      bfy_secret_writer_append_byte (writer, '%');
      append_hex (writer, byte, style->flags & BFY_STYLE_LOWER ? lower_digits : upper_digits);
    }

  return 1;
}

static void
append_json_unit (BfySecretWriter *writer, gunichar unit)
{
  bfy_secret_writer_append_text (writer, "\\u");
  append_hex (writer, (guint8) (unit >> 8), upper_digits);
  append_hex (writer, (guint8) unit, upper_digits);
}

static void
append_json_character (BfySecretWriter *writer, gunichar character)
{
  if (character <= 0xffff)
    {
      append_json_unit (writer, character);
      return;
    }
  append_json_unit (writer, 0xd800 + ((character - 0x10000) >> 10));
  append_json_unit (writer, 0xdc00 + ((character - 0x10000) & 0x3ff));
}

/* What is no UTF-8 stays as it is: there is no way to write it in JSON. */
static gsize
append_json_beyond_ascii (
    const BfyStyle *style, const guint8 *bytes, gsize length, gsize at, BfySecretWriter *writer)
{
  const char *text = (const char *) bytes + at;
  gunichar character = g_utf8_get_char_validated (text, (gssize) (length - at));
  gboolean is_escaped = (style->flags & (BFY_STYLE_ASCII | BFY_STYLE_ALL)) != 0;

  if (!is_escaped || character >= (gunichar) -2)
    {
      bfy_secret_writer_append_byte (writer, bytes[at]);
      return 1;
    }
  append_json_character (writer, character);

  return (gsize) (g_utf8_next_char (text) - text);
}

gsize
bfy_style_json (
    const BfyStyle *style, const guint8 *bytes, gsize length, gsize at, BfySecretWriter *writer)
{
  static const char named[] = "\"\\\b\f\n\r\t";
  static const char names[] = "\"\\bfnrt";
  guint8 byte = bytes[at];
  gboolean is_named = is_one_of (byte, "\"\\") ||
                      ((style->flags & BFY_STYLE_NO_NAMES) == 0 && is_one_of (byte, named));
  gboolean is_unit = (style->flags & BFY_STYLE_ALL) != 0 || is_one_of (byte, style->extra) ||
                     (byte < 0x20 && !is_named);

  if (byte >= 0x80)
    return append_json_beyond_ascii (style, bytes, length, at, writer);

  if (is_unit)
    {
      append_json_unit (writer, byte);
      return 1;
    }
  if (is_named || (byte == '/' && (style->flags & BFY_STYLE_SLASH) != 0))
    bfy_secret_writer_append_byte (writer, '\\');
  bfy_secret_writer_append_byte (writer,
                                 is_named ? (guint8) names[strchr (named, byte) - named] : byte);

  return 1;
}

gsize
bfy_style_html (
    const BfyStyle *style, const guint8 *bytes, gsize length, gsize at, BfySecretWriter *writer)
{
  guint8 byte = bytes[at];
  const char *name = NULL;

  if (is_one_of (byte, HTML_SPECIALS))
    name = style->names[strchr (HTML_SPECIALS, byte) - HTML_SPECIALS];
  if (name != NULL)
    bfy_secret_writer_append_text (writer, name);
  else
    bfy_secret_writer_append_byte (writer, byte);

  return 1;
}

gsize
bfy_style_hex (
    const BfyStyle *style, const guint8 *bytes, gsize length, gsize at, BfySecretWriter *writer)
{
  if (at > 0)
    bfy_secret_writer_append_text (writer, style->between);
  append_hex (writer, bytes[at], lower_digits);

  return 1;
}
