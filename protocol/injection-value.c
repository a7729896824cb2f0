/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The only places where a credential becomes part of a request. Everything is written into secret
 * memory of the right size at once. */

#include <string.h>

#include "protocol/error.h"
#include "protocol/injection.h"
#include "protocol/secret-writer.h"

static gboolean
check_secret (const BfySecret *secret, guint8 last_allowed, GError **error)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (secret, &length);
  gboolean is_usable = length > 0;

  for (gsize i = 0; i < length; i++)
    {
      if (bytes[i] < 0x20 || bytes[i] == 0x7f || bytes[i] > last_allowed)
        is_usable = FALSE;
    }
  if (!is_usable)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
                         "The stored credential holds characters that no header can carry");

  return is_usable;
}

typedef struct
{
  const char *prefix;
  const BfySecret *secret;
} HeaderPieces;

static void
fill_header (BfySecretWriter *writer, gconstpointer data)
{
  const HeaderPieces *pieces = data;

  bfy_secret_writer_append_text (writer, pieces->prefix);
  bfy_secret_writer_append_secret (writer, pieces->secret);
}

static void
fill_pair (BfySecretWriter *writer, gconstpointer data)
{
  const HeaderPieces *pieces = data;

  bfy_secret_writer_append_text (writer, pieces->prefix);
  bfy_secret_writer_append_byte (writer, ':');
  bfy_secret_writer_append_secret (writer, pieces->secret);
}

static void
fill_basic (BfySecretWriter *writer, gconstpointer data)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (data, &length);

  bfy_secret_writer_append_text (writer, "Basic ");
  bfy_secret_writer_append_base64 (writer, bytes, length);
}

static BfySecret *
basic_value (const char *user, const BfySecret *secret, GError **error)
{
  HeaderPieces pieces = { user != NULL ? user : "", secret };
  g_autoptr (BfySecret) pair = NULL;

  if (strchr (pieces.prefix, ':') != NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           "A user name of basic authentication cannot hold a colon");
      return NULL;
    }
  pair = bfy_secret_build (fill_pair, &pieces);

  return bfy_secret_build (fill_basic, pair);
}

BfySecret *
bfy_injection_header_value (const BfyInjection *self,
                            const char *user,
                            const BfySecret *secret,
                            GError **error)
{
  HeaderPieces pieces = { self->prefix != NULL ? self->prefix : "", secret };

  switch (self->kind)
    {
    case BFY_INJECT_HEADER:
      return check_secret (secret, 0x7e, error) ? bfy_secret_build (fill_header, &pieces) : NULL;
    case BFY_INJECT_BASIC:
      return check_secret (secret, 0xff, error) ? basic_value (user, secret, error) : NULL;
    case BFY_INJECT_NONE:
    case BFY_INJECT_QUERY:
    case BFY_INJECT_PATH:
    case BFY_INJECT_BODY:
    case BFY_INJECT_SIGV4:
      break;
    }
  g_set_error (error, BFY_ERROR, BFY_ERROR_FAILED, "Injection “%s” makes no header",
               bfy_inject_kind_to_wire (self->kind));

  return NULL;
}

static gboolean
parameter_is (const char *parameter, gsize length, const char *name)
{
  gsize name_length = MIN (strcspn (parameter, "="), length);

  for (gsize i = 0; i < name_length; i++, name++)
    {
      char c = parameter[i] == '+' ? ' ' : parameter[i];

      if (c == '%' && name_length - i > 2 && g_ascii_isxdigit (parameter[i + 1]) &&
          g_ascii_isxdigit (parameter[i + 2]))
        {
          c = (char) (g_ascii_xdigit_value (parameter[i + 1]) << 4 |
                      g_ascii_xdigit_value (parameter[i + 2]));
          i += 2;
        }
      if (c != *name || c == '\0')
        return FALSE;
    }

  return *name == '\0';
}

static void
append_escaped (BfySecretWriter *writer, const guint8 *bytes, gsize length)
{
  static const char digits[] = "0123456789ABCDEF";

  for (gsize i = 0; i < length; i++)
    {
      guint8 byte = bytes[i];

      if (byte < 0x80 && (g_ascii_isalnum (byte) || (byte != 0 && strchr ("-._~", byte) != NULL)))
        {
          bfy_secret_writer_append_byte (writer, byte);
          continue;
        }
      bfy_secret_writer_append_byte (writer, '%');
      bfy_secret_writer_append_byte (writer, (guint8) digits[byte >> 4]);
      bfy_secret_writer_append_byte (writer, (guint8) digits[byte & 15]);
    }
}

typedef struct
{
  const char *name;
  const char *query; /* (nullable) */
  const BfySecret *secret;
} QueryPieces;

static void
fill_query (BfySecretWriter *writer, gconstpointer data)
{
  const QueryPieces *pieces = data;
  const char *rest = pieces->query != NULL ? pieces->query : "";
  gsize length;
  const guint8 *bytes = bfy_secret_peek (pieces->secret, &length);

  while (*rest != '\0')
    {
      gsize parameter_length = strcspn (rest, "&");

      if (parameter_length > 0 && !parameter_is (rest, parameter_length, pieces->name))
        {
          bfy_secret_writer_append (writer, rest, parameter_length);
          bfy_secret_writer_append_byte (writer, '&');
        }
      rest += parameter_length;
      rest += *rest == '&';
    }
  append_escaped (writer, (const guint8 *) pieces->name, strlen (pieces->name));
  bfy_secret_writer_append_byte (writer, '=');
  append_escaped (writer, bytes, length);
}

BfySecret *
bfy_injection_query (const BfyInjection *self, const char *query, const BfySecret *secret)
{
  QueryPieces pieces = { self->name, query, secret };

  return bfy_secret_build (fill_query, &pieces);
}
