/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/request.h"

#include <glib-unix.h>
#include <poll.h>

#include "agent/door/reply.h"
#include "protocol/json.h"

#define DISCARD_BYTES_MAX (256 * 1024) /* of a refused request's body that is read and dropped */

struct _BfyRequest
{
  gatomicrefcount ref_count;
  SoupServerMessage *message; /* (owned) (nullable) NULL once it is over */
  BfyConnection *connection;  /* (owned) */
  BfyRoute *route;            /* (owned) (nullable) */
  BfyClient *client;          /* (owned) (nullable) */
  BfySecret *proof;           /* (owned) (nullable) */
  GBytes *body;               /* (owned) (nullable) */
  GCancellable *gone;         /* (owned) */
  GSource *watch;             /* (owned) (nullable) sees the client hang up */
  guint64 body_max;
  guint64 n_body;
  gulong got_chunk_id;
  gulong wrote_chunk_id;
  gboolean is_paused;
  gboolean is_answered; /* a status has been set */
  gboolean has_begun;   /* as a stream */
  gboolean has_ended;
  BfyRequestFunc drained;
  gpointer drained_data;
};

static void
unpause (BfyRequest *self)
{
  if (self->message == NULL || !self->is_paused)
    return;

  self->is_paused = FALSE;
  soup_server_message_unpause (self->message);
}

static void refuse_too_large (BfyRequest *self);

/* Too much has come without a declared length: what is there is dropped, and so is the rest. */
static void
on_got_chunk (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  BfyRequest *self = user_data;

  self->n_body += g_bytes_get_size (chunk);
  if (self->n_body <= self->body_max || self->is_answered)
    return;

  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  refuse_too_large (self);
}

static void
on_wrote_chunk (SoupServerMessage *message, gpointer user_data)
{
  BfyRequest *self = user_data;
  BfyRequestFunc drained = self->drained;

  self->drained = NULL;
  if (drained != NULL)
    drained (self, self->drained_data);
}

BfyRequest *
bfy_request_new (SoupServerMessage *message, BfyConnection *connection)
{
  BfyRequest *self = g_new0 (BfyRequest, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->message = g_object_ref (message);
  self->connection = bfy_connection_ref (connection);
  self->gone = g_cancellable_new ();
  self->got_chunk_id = g_signal_connect (message, "got-chunk", G_CALLBACK (on_got_chunk), self);

  return self;
}

BfyRequest *
bfy_request_ref (BfyRequest *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
drop_watch (BfyRequest *self)
{
  if (self->watch != NULL)
    g_source_destroy (self->watch);
  g_clear_pointer (&self->watch, g_source_unref);
}

static void
drop_message (BfyRequest *self)
{
  if (self->message == NULL)
    return;

  g_clear_signal_handler (&self->got_chunk_id, self->message);
  g_clear_signal_handler (&self->wrote_chunk_id, self->message);
  g_clear_object (&self->message);
}

void
bfy_request_unref (BfyRequest *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  drop_watch (self);
  drop_message (self);
  bfy_connection_unref (self->connection);
  g_clear_pointer (&self->route, bfy_route_free);
  g_clear_pointer (&self->client, bfy_client_unref);
  bfy_request_drop_proof (self);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_object_unref (self->gone);
  g_free (self);
}

BfyConnection *
bfy_request_get_connection (BfyRequest *self)
{
  return self->connection;
}

const char *
bfy_request_get_method (BfyRequest *self)
{
  return self->message != NULL ? soup_server_message_get_method (self->message) : "";
}

const char *
bfy_request_get_path (BfyRequest *self)
{
  return self->message != NULL ? g_uri_get_path (soup_server_message_get_uri (self->message)) : "";
}

const char *
bfy_request_get_query (BfyRequest *self)
{
  return self->message != NULL ? g_uri_get_query (soup_server_message_get_uri (self->message))
                               : NULL;
}

SoupMessageHeaders *
bfy_request_get_headers (BfyRequest *self)
{
  return self->message != NULL ? soup_server_message_get_request_headers (self->message) : NULL;
}

const char *
bfy_request_get_header (BfyRequest *self, const char *name)
{
  return self->message != NULL ? soup_message_headers_get_one (bfy_request_get_headers (self), name)
                               : NULL;
}

GBytes *
bfy_request_get_body (BfyRequest *self)
{
  return self->body;
}

void
bfy_request_take_route (BfyRequest *self, BfyRoute *route)
{
  g_clear_pointer (&self->route, bfy_route_free);
  self->route = route;
}

const BfyRoute *
bfy_request_get_route (BfyRequest *self)
{
  return self->route;
}

void
bfy_request_set_client (BfyRequest *self, BfyClient *client)
{
  g_clear_pointer (&self->client, bfy_client_unref);
  self->client = client != NULL ? bfy_client_ref (client) : NULL;
}

BfyClient *
bfy_request_get_client (BfyRequest *self)
{
  return self->client;
}

void
bfy_request_take_proof (BfyRequest *self, BfySecret *proof)
{
  bfy_request_drop_proof (self);
  self->proof = proof;
}

const BfySecret *
bfy_request_get_proof (BfyRequest *self)
{
  return self->proof;
}

void
bfy_request_drop_proof (BfyRequest *self)
{
  g_clear_pointer (&self->proof, bfy_secret_unref);
}

void
bfy_request_wipe_authorization (BfyRequest *self)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;

  if (self->message == NULL)
    return;

  soup_message_headers_iter_init (&iter, bfy_request_get_headers (self));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      if (g_ascii_strcasecmp (name, "Authorization") == 0)
        bfy_wipe ((char *) value, strlen (value));
    }
}

void
bfy_request_set_body_max (BfyRequest *self, guint64 bytes)
{
  self->body_max = bytes;
}

GCancellable *
bfy_request_get_gone (BfyRequest *self)
{
  return self->gone;
}

/* The HTTP library reads nothing while we work on the answer, so it would not notice. */
static gboolean
on_hang_up (gint fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr (BfyRequest) self = bfy_request_ref (user_data);

  drop_watch (self);
  bfy_door_stream_abort (self->connection->stream);
  g_cancellable_cancel (self->gone);
  if (!self->is_answered && self->message != NULL)
    {
      self->is_answered = TRUE;
      soup_server_message_set_status (self->message, SOUP_STATUS_INTERNAL_SERVER_ERROR, NULL);
    }
  unpause (self);

  return G_SOURCE_REMOVE;
}

void
bfy_request_note_served (BfyRequest *self)
{
  SoupMessageBody *body = soup_server_message_get_request_body (self->message);
  GSocket *socket = bfy_door_stream_get_socket (self->connection->stream);

  self->body = soup_message_body_flatten (body);
  bfy_door_stream_set_serving (self->connection->stream, TRUE);
  self->is_paused = TRUE;
  soup_server_message_pause (self->message);
  self->watch = g_unix_fd_source_new (g_socket_get_fd (socket),
                                      (GIOCondition) POLLRDHUP | G_IO_HUP | G_IO_ERR);
  g_source_set_callback (self->watch, G_SOURCE_FUNC (on_hang_up), self, NULL);
  g_source_attach (self->watch, g_main_context_get_thread_default ());
}

/* Whoever still holds on to the request needs no key any more. */
static void
drop_keys (BfyRequest *self)
{
  bfy_request_drop_proof (self);
  if (self->route != NULL)
    g_clear_pointer (&self->route->presented, bfy_secret_unref);
}

void
bfy_request_note_finished (BfyRequest *self)
{
  drop_watch (self);
  if (self->message == NULL)
    return;

  bfy_door_stream_set_serving (self->connection->stream, FALSE);
  drop_message (self);
  drop_keys (self);
  self->is_paused = FALSE;
  self->drained = NULL;
  g_cancellable_cancel (self->gone);
}

void
bfy_request_wipe_body (BfyRequest *self)
{
  gsize length;
  gconstpointer bytes;

  if (self->body == NULL)
    return;
  bytes = g_bytes_get_data (self->body, &length);
  bfy_wipe ((gpointer) bytes, length);
}

gboolean
bfy_request_is_answered (BfyRequest *self)
{
  return self->is_answered;
}

gboolean
bfy_request_has_begun (BfyRequest *self)
{
  return self->has_begun;
}

gboolean
bfy_request_is_over (BfyRequest *self)
{
  return self->message == NULL;
}

/* The HTTP library reads the whole body before it answers; nobody should have to send megabytes to
 * learn that they are not wanted. */
static gboolean
has_much_to_come (BfyRequest *self)
{
  SoupMessageHeaders *headers = bfy_request_get_headers (self);

  return self->body == NULL &&
         soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH &&
         soup_message_headers_get_content_length (headers) > DISCARD_BYTES_MAX;
}

void
bfy_request_reply (
    BfyRequest *self, guint status, const char *content_type, const char *body, gssize length)
{
  SoupMessageHeaders *headers;
  gsize n = length >= 0 ? (gsize) length : strlen (body);

  if (self->message == NULL || self->is_answered)
    return;

  self->is_answered = TRUE;
  if (has_much_to_come (self))
    {
      g_autoptr (GBytes) raw = bfy_reply_raw (status, content_type, body);

      bfy_door_stream_refuse (self->connection->stream, raw);
      return;
    }
  headers = soup_server_message_get_response_headers (self->message);
  bfy_reply_add_headers (headers, TRUE);
  soup_server_message_set_status (self->message, status, NULL);
  if (content_type != NULL)
    soup_server_message_set_response (self->message, content_type, SOUP_MEMORY_COPY, body, n);
  unpause (self);
}

void
bfy_request_reply_json (BfyRequest *self, guint status, JsonObject *body)
{
  gsize length;
  g_autofree char *text = bfy_json_object_to_text (body, &length);

  json_object_unref (body);
  bfy_request_reply (self, status, "application/json", text, (gssize) length);
}

void
bfy_request_reply_empty (BfyRequest *self, guint status)
{
  bfy_request_reply (self, status, NULL, "", 0);
}

void
bfy_request_reply_error_status (BfyRequest *self,
                                guint status,
                                BfyErrorCode code,
                                const char *message)
{
  g_autofree char *body = bfy_reply_format_error (code, message, NULL);

  bfy_request_reply (self, status, "application/json", body, -1);
}

void
bfy_request_reply_error (BfyRequest *self, const GError *error, const char *name)
{
  BfyErrorCode code = bfy_error_code (error);
  g_autofree char *hint = bfy_error_format_hint (code, name);
  g_autofree char *body = bfy_reply_format_error (code, error->message, hint);

  bfy_request_reply (self, bfy_error_to_http_status (code), "application/json", body, -1);
}

static void
refuse_too_large (BfyRequest *self)
{
  bfy_request_reply_error_status (self, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, BFY_ERROR_TOO_LARGE,
                                  "The request body is larger than is allowed here");
}

void
bfy_request_check_length (BfyRequest *self)
{
  SoupMessageHeaders *headers = bfy_request_get_headers (self);

  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH &&
      (guint64) soup_message_headers_get_content_length (headers) > self->body_max)
    refuse_too_large (self);
}

/* Of a body whose length is not known; HTTP/1.0 knows only that the connection ends with it. */
static SoupEncoding
choose_encoding (BfyRequest *self)
{
  return soup_server_message_get_http_version (self->message) == SOUP_HTTP_1_0
             ? SOUP_ENCODING_EOF
             : SOUP_ENCODING_CHUNKED;
}

SoupMessageHeaders *
bfy_request_begin (BfyRequest *self, guint status, goffset length, gboolean is_own)
{
  SoupMessageHeaders *headers;

  if (self->message == NULL || self->is_answered)
    return NULL;

  self->is_answered = TRUE;
  self->has_begun = TRUE;
  headers = soup_server_message_get_response_headers (self->message);
  bfy_reply_add_headers (headers, is_own);
  soup_server_message_set_status (self->message, status, NULL);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (self->message), FALSE);
  if (length >= 0)
    soup_message_headers_set_content_length (headers, length);
  else
    soup_message_headers_set_encoding (headers, choose_encoding (self));
  self->wrote_chunk_id =
      g_signal_connect (self->message, "wrote-chunk", G_CALLBACK (on_wrote_chunk), self);

  return headers;
}

void
bfy_request_flush (BfyRequest *self)
{
  unpause (self);
}

void
bfy_request_write (BfyRequest *self, GBytes *bytes, BfyRequestFunc drained, gpointer user_data)
{
  if (self->message == NULL)
    return;

  self->drained = drained;
  self->drained_data = user_data;
  soup_message_body_append_bytes (soup_server_message_get_response_body (self->message), bytes);
  self->is_paused = FALSE;
  soup_server_message_unpause (self->message);
}

void
bfy_request_end (BfyRequest *self)
{
  if (self->message == NULL || self->has_ended)
    return;

  self->has_ended = TRUE;
  soup_message_body_complete (soup_server_message_get_response_body (self->message));
  self->is_paused = FALSE;
  soup_server_message_unpause (self->message);
}

void
bfy_request_break (BfyRequest *self)
{
  if (self->message == NULL)
    return;

  self->drained = NULL;
  bfy_door_stream_abort (self->connection->stream);
  bfy_request_end (self);
}
