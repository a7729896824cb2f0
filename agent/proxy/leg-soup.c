/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/leg-private.h"

#define READ_BYTES (32 * 1024) /* from the upstream in one go */

static SoupMessageHeaders *
soup_get_request_headers (BfyLeg *self)
{
  return bfy_call_get_request_headers (self->soup.call);
}

static gboolean
soup_inject (BfyLeg *self,
             const BfyInjection *injection,
             const BfyCredential *credential,
             GError **error)
{
  return bfy_call_inject (self->soup.call, injection, credential, error);
}

static void
on_wants (gpointer user_data)
{
  BfyLeg *self = user_data;

  if (self->funcs != NULL)
    self->funcs->wants (self->user_data);
}

static void
soup_announce_body (BfyLeg *self, goffset length)
{
  self->soup.feed = bfy_feed_new (on_wants, self);
  bfy_call_set_body (self->soup.call, G_INPUT_STREAM (self->soup.feed), length);
}

static void
soup_write (BfyLeg *self, GBytes *piece)
{
  bfy_feed_write (self->soup.feed, piece);
}

static void
on_starting (gpointer user_data)
{
  BfyLeg *self = user_data;

  if (self->funcs != NULL)
    self->funcs->starting (self->user_data);
}

/* After the end of its owner the call is gone, and with it the credential. */
static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyLeg *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) input = soup_session_send_finish (SOUP_SESSION (source), result, &error);

  if (self->funcs != NULL && input != NULL)
    {
      self->soup.input = g_steal_pointer (&input);
      self->funcs->answered (self->user_data);
    }
  else if (self->funcs != NULL)
    {
      self->funcs->failed (error, self->user_data);
    }
  bfy_leg_unref (self);
}

static void
soup_start (BfyLeg *self)
{
  bfy_call_send_async (self->soup.call, on_starting, self, on_answer, bfy_leg_ref (self));
}

static guint
soup_get_status (BfyLeg *self)
{
  return soup_message_get_status (bfy_call_get_message (self->soup.call));
}

static SoupMessageHeaders *
soup_get_response_headers (BfyLeg *self)
{
  return bfy_call_get_response_headers (self->soup.call);
}

static goffset
soup_get_length (BfyLeg *self)
{
  SoupMessageHeaders *headers = soup_get_response_headers (self);

  if (soup_get_status (self) == SOUP_STATUS_NO_CONTENT)
    return 0;

  return soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH
             ? soup_message_headers_get_content_length (headers)
             : -1;
}

static void
take_body (BfyLeg *self, GBytes *bytes, const GError *error)
{
  g_autoptr (GError) cut = NULL;

  if (bytes != NULL && g_bytes_get_size (bytes) == 0)
    {
      bytes = NULL;
      if (soup_get_length (self) < 0 && bfy_call_has_lost_connection (self->soup.call))
        cut = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, "The body is cut off");
    }
  if (error != NULL || cut != NULL)
    self->funcs->failed (error != NULL ? error : cut, self->user_data);
  else
    self->funcs->body (bytes, self->user_data);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyLeg *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);

  if (self->funcs != NULL)
    take_body (self, bytes, error);
  bfy_leg_unref (self);
}

static void
soup_read (BfyLeg *self)
{
  g_input_stream_read_bytes_async (self->soup.input, READ_BYTES, G_PRIORITY_DEFAULT,
                                   self->cancellable, on_read, bfy_leg_ref (self));
}

static gboolean
soup_was_sent (BfyLeg *self)
{
  return bfy_call_was_sent (self->soup.call);
}

static const char *
soup_get_cut_reason (BfyLeg *self)
{
  return bfy_call_get_cut_reason (self->soup.call);
}

static void
soup_stop (BfyLeg *self)
{
  if (self->soup.feed != NULL)
    bfy_feed_stop (self->soup.feed);
  g_clear_object (&self->soup.feed);
  g_clear_object (&self->soup.input);
  g_clear_pointer (&self->soup.call, bfy_call_free);
}

static const BfyLegKind soup_kind = {
  .get_request_headers = soup_get_request_headers,
  .inject = soup_inject,
  .announce_body = soup_announce_body,
  .write = soup_write,
  .start = soup_start,
  .get_status = soup_get_status,
  .get_response_headers = soup_get_response_headers,
  .get_length = soup_get_length,
  .read = soup_read,
  .was_sent = soup_was_sent,
  .get_cut_reason = soup_get_cut_reason,
  .stop = soup_stop,
};

gboolean
bfy_leg_init_soup (BfyLeg *self, const char *method, const char *url, GBytes *body, GError **error)
{
  self->soup.call = bfy_call_new (self->upstreams, method, url, body, self->cancellable, error);
  if (self->soup.call == NULL)
    return FALSE;
  self->kind = &soup_kind;

  return TRUE;
}
