/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/reply.h"

#include "bfy-config.h"
#include "protocol/json.h"

typedef struct
{
  const char *name;
  const char *value;
} Header;

/* No HSTS: this is plain http on loopback. No CORS: no page has any business here. */
static const Header headers_of_all[] = {
  { "x-bindify-version", BFY_VERSION }, { "X-Content-Type-Options", "nosniff" },
  { "X-Frame-Options", "DENY" },        { "Content-Security-Policy", "default-src 'none'" },
  { "Cache-Control", "no-cache" },
};

#define OWN_HEADER "X-Bindify-Origin"
#define OWN_VALUE "agent"

void
bfy_reply_mark_own (SoupMessageHeaders *headers)
{
  soup_message_headers_replace (headers, OWN_HEADER, OWN_VALUE);
}

gboolean
bfy_reply_is_own (SoupMessageHeaders *headers)
{
  return g_strcmp0 (soup_message_headers_get_one (headers, OWN_HEADER), OWN_VALUE) == 0;
}

/* "Date: …" is the same for a second, and making it costs more than all the rest. */
static const char *
peek_date (void)
{
  static char text[48];
  static gint64 made_at_s;
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;

  if (now_s != made_at_s)
    {
      g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (now_s);
      g_autofree char *date = soup_date_time_to_string (now, SOUP_DATE_HTTP);

      g_strlcpy (text, date, sizeof text);
      made_at_s = now_s;
    }

  return text;
}

/* The lines of headers_of_all, made once. */
static const GString *
peek_fixed_lines (void)
{
  static GString *lines;

  if (lines == NULL)
    {
      lines = g_string_new (NULL);
      for (guint i = 0; i < G_N_ELEMENTS (headers_of_all); i++)
        g_string_append_printf (lines, "%s: %s\r\n", headers_of_all[i].name,
                                headers_of_all[i].value);
    }

  return lines;
}

GString *
bfy_reply_format_head (guint status, gboolean is_own)
{
  GString *text = g_string_sized_new (512);
  const GString *fixed = peek_fixed_lines ();

  g_string_append_printf (text, "HTTP/1.1 %u ", status);
  g_string_append (text, soup_status_get_phrase (status));
  g_string_append (text, "\r\nDate: ");
  g_string_append (text, peek_date ());
  g_string_append (text, "\r\n");
  g_string_append_len (text, fixed->str, (gssize) fixed->len);
  if (is_own)
    g_string_append (text, OWN_HEADER ": " OWN_VALUE "\r\n");

  return text;
}

char *
bfy_reply_format_error (BfyErrorCode code, const char *message, const char *hint)
{
  g_autoptr (GString) text = g_string_new ("{\"error\":");

  bfy_json_append_string (text, bfy_error_to_wire (code), -1);
  g_string_append (text, ",\"message\":");
  bfy_json_append_string (text, message, -1);
  if (hint != NULL)
    {
      g_string_append (text, ",\"hint\":");
      bfy_json_append_string (text, hint, -1);
    }
  g_string_append_c (text, '}');

  return g_string_free (g_steal_pointer (&text), FALSE);
}

GBytes *
bfy_reply_raw (guint status, const char *content_type, const char *body)
{
  GString *text = bfy_reply_format_head (status, TRUE);
  gsize length;

  if (content_type != NULL)
    g_string_append_printf (text, "Content-Type: %s\r\n", content_type);
  g_string_append_printf (text,
                          "Content-Length: %" G_GSIZE_FORMAT "\r\nConnection: close\r\n\r\n%s",
                          strlen (body), body);
  length = text->len;

  return g_bytes_new_take (g_string_free (text, FALSE), length);
}

GBytes *
bfy_reply_raw_error (guint status, BfyErrorCode code, const char *message)
{
  g_autofree char *body = bfy_reply_format_error (code, message, NULL);

  return bfy_reply_raw (status, "application/json", body);
}
