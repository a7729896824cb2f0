/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/fetch-answer.h"

#include "protocol/error.h"

#define LOCATION_BYTES_MAX 2048

gint64
bfy_fetch_parse_retry_after (const char *value, gint64 now_s)
{
  g_autoptr (GDateTime) date = NULL;
  guint64 seconds;

  if (value == NULL)
    return 0;
  if (g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT64, &seconds, NULL))
    return (gint64) MIN (seconds, BFY_FETCH_RETRY_AFTER_MAX_S);
  date = soup_date_time_new_from_http_string (value);
  if (date == NULL)
    return 0;

  return CLAMP (g_date_time_to_unix (date) - now_s, 0, BFY_FETCH_RETRY_AFTER_MAX_S);
}

static GStrv
dup_challenges (SoupMessageHeaders *headers)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  SoupMessageHeadersIter iter;
  const char *name;
  const char *value;
  gboolean has_any = FALSE;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      if (g_ascii_strcasecmp (name, "WWW-Authenticate") != 0)
        continue;
      g_strv_builder_add (builder, value);
      has_any = TRUE;
    }

  return has_any ? g_strv_builder_end (builder) : NULL;
}

static char *
dup_location (SoupMessageHeaders *headers)
{
  const char *location = soup_message_headers_get_one (headers, "Location");

  return location != NULL && strlen (location) <= LOCATION_BYTES_MAX ? g_strdup (location) : NULL;
}

static gboolean
check_body (SoupMessageHeaders *headers, GError **error)
{
  const char *encoding = soup_message_headers_get_one (headers, "Content-Encoding");

  if (encoding != NULL && g_ascii_strcasecmp (encoding, "identity") != 0)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                           "The sign-in server answered compressed although asked not to");
      return FALSE;
    }
  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH &&
      soup_message_headers_get_content_length (headers) > BFY_FETCH_BYTES_MAX)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_RESPONSE_TOO_LARGE,
                           BFY_FETCH_TOO_LARGE_TEXT);
      return FALSE;
    }

  return TRUE;
}

BfyFetchAnswer *
bfy_fetch_answer_new (SoupMessage *message, gint64 now_s, GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *type = soup_message_headers_get_content_type (headers, NULL);
  BfyFetchAnswer *self;

  if (!check_body (headers, error))
    return NULL;

  self = g_new0 (BfyFetchAnswer, 1);
  self->status = soup_message_get_status (message);
  self->content_type = type != NULL ? g_ascii_strdown (type, -1) : NULL;
  self->location = dup_location (headers);
  self->retry_after_s =
      bfy_fetch_parse_retry_after (soup_message_headers_get_one (headers, "Retry-After"), now_s);
  self->challenges = dup_challenges (headers);

  return self;
}

void
bfy_fetch_answer_free (BfyFetchAnswer *self)
{
  if (self == NULL)
    return;

  g_free (self->content_type);
  g_free (self->location);
  g_strfreev (self->challenges);
  g_clear_pointer (&self->body, bfy_secret_unref);
  g_free (self);
}
