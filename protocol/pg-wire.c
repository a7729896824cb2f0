/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/pg-wire.h"

#include <string.h>

#define VERSION_3_0 196608u
#define CODE_CANCEL 80877102u
#define CODE_TLS 80877103u
#define CODE_GSSAPI 80877104u
#define HEAD_BYTES 8   /* length and code */
#define LENGTH_BYTES 4 /* which counts itself */

/* What a session may begin with besides its user and its database. */
static const char *const passed_on[] = {
  "DateStyle", "IntervalStyle",      "TimeZone", "application_name", "client_encoding",
  "datestyle", "extra_float_digits", "geqo",     "intervalstyle",    "options",
  "timezone",  "search_path",        NULL,
};

static guint32
read_number (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}

static void
write_number (guint8 *bytes, guint32 number)
{
  bytes[0] = (guint8) (number >> 24);
  bytes[1] = (guint8) (number >> 16);
  bytes[2] = (guint8) (number >> 8);
  bytes[3] = (guint8) number;
}

static void
append_number (GByteArray *array, guint32 number)
{
  guint8 bytes[4];

  write_number (bytes, number);
  g_byte_array_append (array, bytes, sizeof bytes);
}

static void
append_text (GByteArray *array, const char *text)
{
  g_byte_array_append (array, (const guint8 *) text, (guint) strlen (text) + 1);
}

/* The next text that ends within @length, or NULL. */
static const char *
take_text (const guint8 **bytes, gsize *length)
{
  const char *text = (const char *) *bytes;
  const guint8 *end = *length > 0 ? memchr (*bytes, '\0', *length) : NULL;

  if (end == NULL)
    return NULL;
  *length -= (gsize) (end - *bytes) + 1;
  *bytes = end + 1;

  return text;
}

/* Names and values by turns, and an empty name at the end. */
static gboolean
are_parameters (const guint8 *bytes, gsize length)
{
  for (;;)
    {
      const char *name = take_text (&bytes, &length);

      if (name == NULL)
        return FALSE;
      if (*name == '\0')
        return length == 0;
      if (take_text (&bytes, &length) == NULL)
        return FALSE;
    }
}

BfyPgStartKind
bfy_pg_start_read (const guint8 *bytes, gsize length, BfyPgStart *start)
{
  guint32 n;

  *start = (BfyPgStart){ 0 };
  if (length < LENGTH_BYTES)
    return BFY_PG_START_MORE;
  n = read_number (bytes);
  if (n < HEAD_BYTES || n > BFY_PG_START_BYTES_MAX)
    return BFY_PG_START_BAD;
  if (length < n)
    return BFY_PG_START_MORE;
  start->n_bytes = n;
  switch (read_number (bytes + LENGTH_BYTES))
    {
    case CODE_TLS:
    case CODE_GSSAPI:
      return n == HEAD_BYTES ? BFY_PG_START_ENCRYPTION : BFY_PG_START_BAD;
    case CODE_CANCEL:
      if (n != BFY_PG_CANCEL_BYTES)
        return BFY_PG_START_BAD;
      start->pid = read_number (bytes + HEAD_BYTES);
      start->key = read_number (bytes + HEAD_BYTES + 4);
      return BFY_PG_START_CANCEL;
    case VERSION_3_0:
      return are_parameters (bytes + HEAD_BYTES, n - HEAD_BYTES) ? BFY_PG_START_SESSION
                                                                 : BFY_PG_START_BAD;
    default:
      return BFY_PG_START_BAD;
    }
}

static void
append_parameter (GByteArray *array, const char *name, const char *value)
{
  append_text (array, name);
  append_text (array, value);
}

GByteArray *
bfy_pg_start_rewrite (const guint8 *bytes, gsize length, const char *user, const char *database)
{
  GByteArray *array = g_byte_array_new ();

  append_number (array, 0);
  append_number (array, VERSION_3_0);
  append_parameter (array, "user", user);
  append_parameter (array, "database", database);
  bytes += HEAD_BYTES;
  length -= HEAD_BYTES;
  for (;;)
    {
      const char *name = take_text (&bytes, &length);
      const char *value = name != NULL && *name != '\0' ? take_text (&bytes, &length) : NULL;

      if (value == NULL)
        break;
      if (g_strv_contains (passed_on, name))
        append_parameter (array, name, value);
    }
  append_text (array, "");
  write_number (array->data, array->len);

  return array;
}

void
bfy_pg_format_ask_tls (guint8 *bytes)
{
  write_number (bytes, HEAD_BYTES);
  write_number (bytes + 4, CODE_TLS);
}

void
bfy_pg_format_cancel (guint8 *bytes, guint32 pid, guint32 key)
{
  write_number (bytes, BFY_PG_CANCEL_BYTES);
  write_number (bytes + 4, CODE_CANCEL);
  write_number (bytes + 8, pid);
  write_number (bytes + 12, key);
}

GByteArray *
bfy_pg_format_message (char type, const void *body, gsize length)
{
  GByteArray *array = g_byte_array_new ();

  g_byte_array_append (array, (const guint8 *) &type, 1);
  append_number (array, (guint32) (length + LENGTH_BYTES));
  g_byte_array_append (array, body, (guint) length);

  return array;
}

GByteArray *
bfy_pg_format_sasl_begin (const char *mechanism, const char *text)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  gsize length = strlen (text);

  append_text (body, mechanism);
  append_number (body, (guint32) length);
  g_byte_array_append (body, (const guint8 *) text, (guint) length);

  return bfy_pg_format_message ('p', body->data, body->len);
}

GByteArray *
bfy_pg_format_error (const char *state, const char *message)
{
  g_autofree char *code = g_strconcat ("C", state, NULL);
  g_autofree char *text = g_strconcat ("M", message, NULL);
  g_autoptr (GByteArray) body = g_byte_array_new ();

  append_text (body, "SFATAL");
  append_text (body, "VFATAL");
  append_text (body, code);
  append_text (body, text);
  append_text (body, "");

  return bfy_pg_format_message ('E', body->data, body->len);
}

gboolean
bfy_pg_message_read (const guint8 *bytes, gsize length, BfyPgMessage *message)
{
  guint32 n;

  *message = (BfyPgMessage){ 0 };
  if (length < 1 + LENGTH_BYTES)
    return TRUE;
  n = read_number (bytes + 1);
  if (n < LENGTH_BYTES || n > BFY_PG_MESSAGE_BYTES_MAX)
    return FALSE;
  if (length - 1 < n)
    return TRUE;
  message->type = (char) bytes[0];
  message->body = bytes + 1 + LENGTH_BYTES;
  message->length = n - LENGTH_BYTES;
  message->n_bytes = 1 + (gsize) n;

  return TRUE;
}

gboolean
bfy_pg_message_get_number (const BfyPgMessage *message, gsize offset, guint32 *number)
{
  if (message->length < 4 || offset > message->length - 4)
    return FALSE;
  *number = read_number (message->body + offset);

  return TRUE;
}

char *
bfy_pg_message_get_field (const BfyPgMessage *message, char field)
{
  const guint8 *bytes = message->body;
  gsize length = message->length;

  for (;;)
    {
      const char *text = take_text (&bytes, &length);

      if (text == NULL || *text == '\0')
        return NULL;
      if (*text == field)
        return g_utf8_make_valid (text + 1, -1);
    }
}

gboolean
bfy_pg_message_offers (const BfyPgMessage *message, const char *mechanism)
{
  const guint8 *bytes = message->body + 4;
  gsize length = message->length >= 4 ? message->length - 4 : 0;

  for (;;)
    {
      const char *text = length > 0 ? take_text (&bytes, &length) : NULL;

      if (text == NULL || *text == '\0')
        return FALSE;
      if (g_str_equal (text, mechanism))
        return TRUE;
    }
}
