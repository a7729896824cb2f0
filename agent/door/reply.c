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

void
bfy_reply_add_headers (SoupMessageHeaders *headers, gboolean is_own)
{
  for (guint i = 0; i < G_N_ELEMENTS (headers_of_all); i++)
    soup_message_headers_replace (headers, headers_of_all[i].name, headers_of_all[i].value);
  if (is_own)
    bfy_reply_mark_own (headers);
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
  GString *text = g_string_new (NULL);
  gsize length;

  g_string_append_printf (text, "HTTP/1.1 %u %s\r\n", status, soup_status_get_phrase (status));
  for (guint i = 0; i < G_N_ELEMENTS (headers_of_all); i++)
    g_string_append_printf (text, "%s: %s\r\n", headers_of_all[i].name, headers_of_all[i].value);
  if (content_type != NULL)
    g_string_append_printf (text, "Content-Type: %s\r\n", content_type);
  g_string_append_printf (text,
                          OWN_HEADER ": " OWN_VALUE "\r\n"
                                     "Content-Length: %" G_GSIZE_FORMAT "\r\n"
                                     "Connection: close\r\n\r\n%s",
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
