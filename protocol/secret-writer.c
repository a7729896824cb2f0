/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/secret-writer.h"

#include <string.h>

BfySecret *
bfy_secret_build (BfySecretFill fill, gconstpointer data)
{
  BfySecretWriter writer = { NULL, 0 };
  BfySecret *secret;

  fill (&writer, data);
  secret = bfy_secret_new_blank (writer.length, &writer.bytes);
  writer.length = 0;
  fill (&writer, data);

  return secret;
}

void
bfy_secret_writer_append (BfySecretWriter *writer, gconstpointer bytes, gsize length)
{
  if (writer->bytes != NULL && length > 0)
    memcpy (writer->bytes + writer->length, bytes, length);
  writer->length += length;
}

void
bfy_secret_writer_append_text (BfySecretWriter *writer, const char *text)
{
  bfy_secret_writer_append (writer, text, strlen (text));
}

void
bfy_secret_writer_append_byte (BfySecretWriter *writer, guint8 byte)
{
  bfy_secret_writer_append (writer, &byte, 1);
}

void
bfy_secret_writer_append_secret (BfySecretWriter *writer, const BfySecret *secret)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (secret, &length);

  bfy_secret_writer_append (writer, bytes, length);
}

static void
append_json_byte (BfySecretWriter *writer, guint8 byte)
{
  static const char digits[] = "0123456789abcdef";

  if (byte == '"' || byte == '\\')
    {
      bfy_secret_writer_append_byte (writer, '\\');
      bfy_secret_writer_append_byte (writer, byte);
    }
  else if (byte < 0x20 || byte == 0x7f)
    {
      bfy_secret_writer_append_text (writer, "\\u00");
      bfy_secret_writer_append_byte (writer, (guint8) digits[byte >> 4]);
      bfy_secret_writer_append_byte (writer, (guint8) digits[byte & 15]);
    }
  else
    {
      bfy_secret_writer_append_byte (writer, byte);
    }
}

void
bfy_secret_writer_append_json (BfySecretWriter *writer, gconstpointer bytes, gsize length)
{
  const guint8 *at = bytes;

  for (gsize i = 0; i < length; i++)
    append_json_byte (writer, at[i]);
}

/* Up to three bytes become two to four digits. */
static void
append_group (BfySecretWriter *writer, const guint8 *bytes, gsize n, const char *digits)
{
  guint32 bits =
      (guint32) bytes[0] << 16 | (n > 1 ? (guint32) bytes[1] << 8 : 0) | (n > 2 ? bytes[2] : 0);

  for (gsize digit = 0; digit <= n; digit++)
    bfy_secret_writer_append_byte (writer, (guint8) digits[bits >> (18 - 6 * digit) & 0x3f]);
}

static void
append_groups (BfySecretWriter *writer, const guint8 *bytes, gsize length, const char *digits)
{
  for (gsize i = 0; i < length; i += 3)
    append_group (writer, bytes + i, MIN (length - i, 3), digits);
}

void
bfy_secret_writer_append_base64 (BfySecretWriter *writer, gconstpointer bytes, gsize length)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  append_groups (writer, bytes, length, digits);
  for (gsize n_more = (3 - length % 3) % 3; n_more > 0; n_more--)
    bfy_secret_writer_append_byte (writer, '=');
}

void
bfy_secret_writer_append_base64url (BfySecretWriter *writer, gconstpointer bytes, gsize length)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  append_groups (writer, bytes, length, digits);
}

/* More is left as it is than the form format does ("~"), and less ("*"): what needs no escape in a
 * URL has none, because there are readers of client secrets that forget to take escapes away. */
static void
append_form_byte (BfySecretWriter *writer, guint8 byte)
{
  static const char digits[] = "0123456789ABCDEF";

  if (g_ascii_isalnum (byte) || (byte != '\0' && strchr ("-._~", byte) != NULL))
    {
      bfy_secret_writer_append_byte (writer, byte);
    }
  else if (byte == ' ')
    {
      bfy_secret_writer_append_byte (writer, '+');
    }
  else
    {
      bfy_secret_writer_append_byte (writer, '%');
      bfy_secret_writer_append_byte (writer, (guint8) digits[byte >> 4]);
      bfy_secret_writer_append_byte (writer, (guint8) digits[byte & 15]);
    }
}

void
bfy_secret_writer_append_form (BfySecretWriter *writer, gconstpointer bytes, gsize length)
{
  const guint8 *at = bytes;

  for (gsize i = 0; i < length; i++)
    append_form_byte (writer, at[i]);
}
