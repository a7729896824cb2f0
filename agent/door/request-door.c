/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib-unix.h>
#include <poll.h>

#include "agent/door/reply.h"
#include "agent/door/request-private.h"

#define DISCARD_BYTES_MAX (256 * 1024) /* of a refused request's body that is read and dropped */

static void
unpause (BfyRequest *self)
{
  if (self->is_over || !self->door.is_paused)
    return;

  self->door.is_paused = FALSE;
  soup_server_message_unpause (self->door.message);
}

static void
refuse_too_large (BfyRequest *self)
{
  bfy_request_reply_error_status (self, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, BFY_ERROR_TOO_LARGE,
                                  "The request body is larger than is allowed here");
}

/* Too much has come without a declared length: what is there is dropped, and so is the rest. */
static void
on_got_chunk (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  BfyRequest *self = user_data;

  self->door.n_body += g_bytes_get_size (chunk);
  if (self->door.n_body <= self->door.body_max || self->is_answered)
    return;

  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  refuse_too_large (self);
}

static void
on_wrote_chunk (SoupServerMessage *message, gpointer user_data)
{
  bfy_request_note_drained (user_data);
}

/* The HTTP library reads the whole body before it answers; nobody should have to send megabytes to
 * learn that they are not wanted. */
static gboolean
has_much_to_come (BfyRequest *self)
{
  return self->body == NULL &&
         soup_message_headers_get_encoding (self->headers) == SOUP_ENCODING_CONTENT_LENGTH &&
         soup_message_headers_get_content_length (self->headers) > DISCARD_BYTES_MAX;
}

static void
door_reply (
    BfyRequest *self, guint status, const char *content_type, const char *body, gsize length)
{
  SoupServerMessage *message = self->door.message;

  if (has_much_to_come (self))
    {
      g_autoptr (GBytes) raw = bfy_reply_raw (status, content_type, body);

      bfy_door_stream_refuse (self->connection->stream, raw);
      return;
    }
  bfy_reply_add_headers (soup_server_message_get_response_headers (message), TRUE);
  soup_server_message_set_status (message, status, NULL);
  if (content_type != NULL)
    soup_server_message_set_response (message, content_type, SOUP_MEMORY_COPY, body, length);
  unpause (self);
}

static SoupMessageHeaders *
door_begin (BfyRequest *self, guint status, goffset length, gboolean is_own)
{
  SoupServerMessage *message = self->door.message;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  bfy_reply_add_headers (headers, is_own);
  soup_server_message_set_status (message, status, NULL);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
  if (length >= 0)
    soup_message_headers_set_content_length (headers, length);
  else
    soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  self->door.wrote_chunk_id =
      g_signal_connect (message, "wrote-chunk", G_CALLBACK (on_wrote_chunk), self);

  return headers;
}

static void
door_write (BfyRequest *self, GBytes *bytes)
{
  SoupServerMessage *message = self->door.message;

  soup_message_body_append_bytes (soup_server_message_get_response_body (message), bytes);
  self->door.is_paused = FALSE;
  soup_server_message_unpause (message);
}

static void
door_end (BfyRequest *self)
{
  SoupServerMessage *message = self->door.message;

  soup_message_body_complete (soup_server_message_get_response_body (message));
  self->door.is_paused = FALSE;
  soup_server_message_unpause (message);
}

static void
door_abort (BfyRequest *self)
{
  bfy_door_stream_abort (self->connection->stream);
  bfy_request_end (self);
}

static void
drop_watch (BfyRequest *self)
{
  if (self->door.watch != NULL)
    g_source_destroy (self->door.watch);
  g_clear_pointer (&self->door.watch, g_source_unref);
}

static void
drop_message (BfyRequest *self)
{
  if (self->door.message == NULL)
    return;

  g_clear_signal_handler (&self->door.got_chunk_id, self->door.message);
  g_clear_signal_handler (&self->door.wrote_chunk_id, self->door.message);
  g_clear_object (&self->door.message);
}

static void
door_dispose (BfyRequest *self)
{
  drop_watch (self);
  drop_message (self);
}

static const BfyRequestKind door_kind = {
  .reply = door_reply,
  .begin = door_begin,
  .flush = unpause,
  .write = door_write,
  .end = door_end,
  .abort = door_abort,
  .dispose = door_dispose,
};

BfyRequest *
bfy_request_new (SoupServerMessage *message, BfyConnection *connection)
{
  BfyRequest *self = bfy_request_alloc (&door_kind, connection);

  self->door.message = g_object_ref (message);
  self->method = soup_server_message_get_method (message);
  self->headers = soup_server_message_get_request_headers (message);
  self->door.got_chunk_id =
      g_signal_connect (message, "got-chunk", G_CALLBACK (on_got_chunk), self);

  return self;
}

const char *
bfy_request_get_path (BfyRequest *self)
{
  return self->door.message != NULL
             ? g_uri_get_path (soup_server_message_get_uri (self->door.message))
             : "";
}

const char *
bfy_request_get_query (BfyRequest *self)
{
  return self->door.message != NULL
             ? g_uri_get_query (soup_server_message_get_uri (self->door.message))
             : NULL;
}

void
bfy_request_set_body_max (BfyRequest *self, guint64 bytes)
{
  self->door.body_max = bytes;
}

void
bfy_request_check_length (BfyRequest *self)
{
  if (soup_message_headers_get_encoding (self->headers) == SOUP_ENCODING_CONTENT_LENGTH &&
      (guint64) soup_message_headers_get_content_length (self->headers) > self->door.body_max)
    refuse_too_large (self);
}

/* The HTTP library reads nothing while we work on the answer, so it would not notice. */
static gboolean
on_hang_up (gint fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr (BfyRequest) self = bfy_request_ref (user_data);

  drop_watch (self);
  bfy_door_stream_abort (self->connection->stream);
  g_cancellable_cancel (self->gone);
  if (!self->is_answered && !self->is_over)
    {
      self->is_answered = TRUE;
      soup_server_message_set_status (self->door.message, SOUP_STATUS_INTERNAL_SERVER_ERROR, NULL);
    }
  unpause (self);

  return G_SOURCE_REMOVE;
}

void
bfy_request_note_served (BfyRequest *self)
{
  SoupMessageBody *body = soup_server_message_get_request_body (self->door.message);
  GSocket *socket = bfy_door_stream_get_socket (self->connection->stream);

  self->body = soup_message_body_flatten (body);
  bfy_door_stream_set_serving (self->connection->stream, TRUE);
  self->door.is_paused = TRUE;
  soup_server_message_pause (self->door.message);
  self->door.watch = g_unix_fd_source_new (g_socket_get_fd (socket),
                                           (GIOCondition) POLLRDHUP | G_IO_HUP | G_IO_ERR);
  g_source_set_callback (self->door.watch, G_SOURCE_FUNC (on_hang_up), self, NULL);
  g_source_attach (self->door.watch, g_main_context_get_thread_default ());
}

void
bfy_request_note_finished (BfyRequest *self)
{
  drop_watch (self);
  if (self->is_over)
    return;

  bfy_door_stream_set_serving (self->connection->stream, FALSE);
  bfy_request_note_over (self);
  drop_message (self);
  self->door.is_paused = FALSE;
  g_cancellable_cancel (self->gone);
}
