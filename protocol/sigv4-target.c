/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The forms of path and query that are signed. Escapes that are none stand for themselves: the
 * percent sign is escaped then. */

#include <string.h>

#include "protocol/sigv4-private.h"
#include "protocol/sigv4.h"

static gboolean
is_unreserved (guint8 byte)
{
  return byte < 0x80 && (g_ascii_isalnum (byte) || (byte != 0 && strchr ("-._~", byte) != NULL));
}

static void
append_octet (GString *text, guint8 byte, gboolean keeps_slash)
{
  if (is_unreserved (byte) || (keeps_slash && byte == '/'))
    g_string_append_c (text, (char) byte);
  else
    g_string_append_printf (text, "%%%02X", byte);
}

/* The next octet that @text stands for; how many characters that took. */
static gsize
read_octet (const char *text, gsize length, guint8 *byte)
{
  if (*text == '%' && length > 2 && g_ascii_isxdigit (text[1]) && g_ascii_isxdigit (text[2]))
    {
      *byte = (guint8) (g_ascii_xdigit_value (text[1]) << 4 | g_ascii_xdigit_value (text[2]));
      return 3;
    }
  *byte = (guint8) *text;

  return 1;
}

char *
bfy_sigv4_path (const char *path)
{
  gsize left = strlen (path);
  GString *text = g_string_sized_new (left + 1);

  while (left > 0)
    {
      guint8 byte;
      gsize n = read_octet (path, left, &byte);

      /* An escaped slash is no separator. */
      append_octet (text, byte, n == 1);
      path += n;
      left -= n;
    }
  if (text->len == 0)
    g_string_append_c (text, '/');

  return g_string_free (text, FALSE);
}

static void
append_encoded (GString *text, const char *bytes)
{
  for (; *bytes != '\0'; bytes++)
    append_octet (text, (guint8) *bytes, TRUE);
}

/* RFC 3986, 5.2.4, and empty segments go, too. */
static char *
normalize (const char *path)
{
  g_auto (GStrv) segments = g_strsplit (path, "/", -1);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  guint n_segments = g_strv_length (segments);
  const char *last = n_segments > 0 ? segments[n_segments - 1] : "";
  gboolean has_end = *last == '\0' || g_str_equal (last, ".") || g_str_equal (last, "..");
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n_segments; i++)
    {
      if (g_str_equal (segments[i], "..") && kept->len > 0)
        g_ptr_array_set_size (kept, (int) kept->len - 1);
      else if (*segments[i] != '\0' && !g_str_equal (segments[i], ".") &&
               !g_str_equal (segments[i], ".."))
        g_ptr_array_add (kept, segments[i]);
    }
  for (guint i = 0; i < kept->len; i++)
    g_string_append_printf (text, "/%s", (const char *) g_ptr_array_index (kept, i));
  if (has_end || text->len == 0)
    g_string_append_c (text, '/');

  return g_string_free (text, FALSE);
}

char *
bfy_sigv4_signed_path (const char *path, gboolean is_s3)
{
  g_autofree char *normal = NULL;
  GString *text;

  if (is_s3)
    return bfy_sigv4_path (path);
  normal = normalize (path);
  text = g_string_sized_new (strlen (normal) + 1);
  append_encoded (text, normal);

  return g_string_free (text, FALSE);
}

/* The authentication of a presigned URL. */
static const char *const presigned[] = {
  "X-Amz-Algorithm",     "X-Amz-Credential",     "X-Amz-Date",      "X-Amz-Expires",
  "X-Amz-SignedHeaders", "X-Amz-Security-Token", "X-Amz-Signature",
};

static gboolean
is_presigned (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (presigned); i++)
    if (g_ascii_strcasecmp (name, presigned[i]) == 0)
      return TRUE;

  return FALSE;
}

typedef struct
{
  char *name;
  char *value;
} Parameter;

static void
clear_parameter (gpointer data)
{
  Parameter *parameter = data;

  g_free (parameter->name);
  g_free (parameter->value);
}

static char *
encode_form (const char *bytes, gsize length)
{
  GString *text = g_string_sized_new (length + 1);

  while (length > 0)
    {
      guint8 byte;
      gsize n = read_octet (bytes, length, &byte);

      append_octet (text, *bytes == '+' ? ' ' : byte, FALSE);
      bytes += n;
      length -= n;
    }

  return g_string_free (text, FALSE);
}

static void
take_parameter (GArray *parameters, const char *bytes, gsize length)
{
  const char *sign = memchr (bytes, '=', length);
  gsize n_name = sign != NULL ? (gsize) (sign - bytes) : length;
  Parameter parameter = { encode_form (bytes, n_name), NULL };

  if (length == 0 || is_presigned (parameter.name))
    {
      g_free (parameter.name);
      return;
    }
  parameter.value = sign != NULL ? encode_form (sign + 1, length - n_name - 1) : g_strdup ("");
  g_array_append_val (parameters, parameter);
}

static int
compare_parameters (gconstpointer a, gconstpointer b)
{
  const Parameter *one = a;
  const Parameter *other = b;
  int order = strcmp (one->name, other->name);

  return order != 0 ? order : strcmp (one->value, other->value);
}

char *
bfy_sigv4_query (const char *query)
{
  g_autoptr (GArray) parameters = g_array_new (FALSE, FALSE, sizeof (Parameter));
  GString *text = g_string_new (NULL);

  g_array_set_clear_func (parameters, clear_parameter);
  while (query != NULL && *query != '\0')
    {
      gsize length = strcspn (query, "&");

      take_parameter (parameters, query, length);
      query += length;
      query += *query == '&';
    }
  g_array_sort (parameters, compare_parameters);
  for (guint i = 0; i < parameters->len; i++)
    {
      const Parameter *parameter = &g_array_index (parameters, Parameter, i);

      g_string_append_printf (text, "%s%s=%s", i > 0 ? "&" : "", parameter->name, parameter->value);
    }

  return g_string_free (text, FALSE);
}
