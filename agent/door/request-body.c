/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The body of a request: held as a whole until the request is served, or, when it is large and may
 * go on as it comes, read by whoever serves it. Nothing is taken from the client then that nobody
 * has asked for, so the kernel keeps it waiting, and no more is held than one piece. */

#include <string.h>

#include "agent/door/request-private.h"
#include "protocol/binding.h"

#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"
#define TURN_BYTES (1024 * 1024) /* read before others have their turn */

void
bfy_request_set_body_max (BfyRequest *self, guint64 bytes)
{
  self->door.body_max = bytes;
}

gboolean
bfy_request_may_be_large (BfyRequest *self)
{
  return soup_message_headers_get_encoding (self->headers) == SOUP_ENCODING_CHUNKED ||
         bfy_request_get_announced_length (self) > BFY_REQUEST_HELD_BYTES;
}

void
bfy_request_allow_streaming (BfyRequest *self)
{
  self->door.can_stream = TRUE;
}

gboolean
bfy_request_is_streamed (BfyRequest *self)
{
  return self->door.is_streamed;
}

gboolean
bfy_request_is_uploading (BfyRequest *self)
{
  return self->door.is_streamed && !self->door.is_whole;
}

goffset
bfy_request_get_announced_length (BfyRequest *self)
{
  if (self->headers == NULL ||
      soup_message_headers_get_encoding (self->headers) != SOUP_ENCODING_CONTENT_LENGTH)
    return -1;

  return soup_message_headers_get_content_length (self->headers);
}

GByteArray *
bfy_request_get_input (BfyRequest *self)
{
  return self->door.input;
}

gboolean
bfy_request_is_ready_to_stream (BfyRequest *self)
{
  return self->door.can_stream && !self->door.is_streamed && !self->is_answered && !self->is_over &&
         (bfy_request_get_announced_length (self) > BFY_REQUEST_HELD_BYTES ||
          self->door.input->len > BFY_REQUEST_HELD_BYTES);
}

gboolean
bfy_request_wants_input (BfyRequest *self)
{
  return self->door.reader != NULL && self->door.n_in_turn < TURN_BYTES;
}

gboolean
bfy_request_is_raw (BfyRequest *self)
{
  return self->door.is_raw;
}

SoupMessageHeaders *
bfy_request_begin_upgrade (BfyRequest *self)
{
  SoupMessageHeaders *headers =
      bfy_request_begin (self, SOUP_STATUS_SWITCHING_PROTOCOLS, -1, FALSE);

  if (headers == NULL)
    return NULL;

  self->door.is_streamed = TRUE;
  self->door.is_raw = TRUE;
  self->door.is_whole = FALSE;
  self->door.body_max = G_MAXUINT64;
  self->door.input = g_byte_array_new ();
  bfy_connection_open_raw (self->connection);

  return headers;
}

static guint64
get_most (BfyRequest *self)
{
  return self->door.can_stream ? self->door.body_max
                               : MIN (self->door.body_max, BFY_REQUEST_BYTES_CEILING);
}

static void
refuse_too_large (BfyRequest *self)
{
  bfy_request_reply_error_status (self, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, BFY_ERROR_TOO_LARGE,
                                  "The request body is larger than is allowed here");
}

static gboolean
on_too_large (gpointer user_data)
{
  g_cancellable_cancel (user_data);

  return G_SOURCE_REMOVE;
}

/* Part of it has gone on already: whoever reads it learns that there will be no more. */
static void
stop_too_large (BfyRequest *self)
{
  bfy_request_set_end_code (self, BFY_ERROR_TOO_LARGE);
  bfy_request_forget_reader (self);
  if (self->is_answered)
    {
      bfy_request_break (self);
      return;
    }
  g_idle_add_full (G_PRIORITY_DEFAULT, on_too_large, g_object_ref (self->gone), g_object_unref);
  refuse_too_large (self);
}

static void
hand_on (BfyRequest *self)
{
  BfyRequestPieceFunc reader = g_steal_pointer (&self->door.reader);
  g_autoptr (GBytes) piece = g_byte_array_free_to_bytes (g_steal_pointer (&self->door.input));
  gsize n = g_bytes_get_size (piece);

  self->door.input = g_byte_array_new ();
  self->door.n_streamed += n;
  self->door.n_in_turn += n;
  reader (piece, self->door.reader_data);
}

static void
hand_end_on (BfyRequest *self)
{
  BfyRequestPieceFunc reader = g_steal_pointer (&self->door.reader);

  reader (NULL, self->door.reader_data);
}

/* Too much has come without a declared length: what is there is dropped, and so is the rest. */
void
bfy_request_note_input (BfyRequest *self)
{
  guint64 n = self->door.n_streamed + self->door.input->len;

  if (self->door.is_streamed && n > self->door.body_max)
    {
      stop_too_large (self);
      return;
    }
  if (self->door.is_streamed)
    {
      if (self->door.reader != NULL && self->door.input->len > 0)
        hand_on (self);
      return;
    }
  if (n > get_most (self) && !self->is_answered)
    refuse_too_large (self);
  if (self->is_answered && !self->is_over)
    g_byte_array_set_size (self->door.input, 0);
}

void
bfy_request_note_body_end (BfyRequest *self)
{
  self->door.is_whole = TRUE;
  if (self->door.reader != NULL && self->door.input->len == 0)
    hand_end_on (self);
}

void
bfy_request_tell_to_go_on (BfyRequest *self)
{
  const struct iovec go_on = { (gpointer) CONTINUE, strlen (CONTINUE) };

  if (self->door.has_gone_on || self->door.is_1_0 || self->is_answered ||
      (soup_message_headers_get_expectations (self->headers) & SOUP_EXPECTATION_CONTINUE) == 0)
    return;
  self->door.has_gone_on = TRUE;
  if (self->door.input == NULL || self->door.input->len == 0)
    bfy_connection_send (self->connection, &go_on, 1);
}

void
bfy_request_note_admitted (BfyRequest *self)
{
  goffset length;

  if (self->is_over || self->is_answered)
    return;
  length = bfy_request_get_announced_length (self);
  if (length > 0 && (guint64) length > get_most (self))
    refuse_too_large (self);
  else if (!bfy_request_is_ready_to_stream (self))
    bfy_request_tell_to_go_on (self);
}

void
bfy_request_note_served (BfyRequest *self)
{
  self->body = g_byte_array_free_to_bytes (g_steal_pointer (&self->door.input));
}

void
bfy_request_note_streamed (BfyRequest *self)
{
  self->door.is_streamed = TRUE;
  self->body = g_bytes_new_static ("", 0);
}

static void
go_on (BfyRequest *self)
{
  if (self->door.input->len > 0)
    hand_on (self);
  else if (self->door.is_whole)
    hand_end_on (self);
  else
    bfy_connection_read_on (self->connection);
}

static gboolean
on_turn (gpointer user_data)
{
  g_autoptr (BfyRequest) self = bfy_request_ref (user_data);

  self->door.turn_id = 0;
  self->door.n_in_turn = 0;
  if (self->door.reader != NULL)
    go_on (self);

  return G_SOURCE_REMOVE;
}

void
bfy_request_read_body (BfyRequest *self, BfyRequestPieceFunc func, gpointer user_data)
{
  G_GNUC_UNUSED g_autoptr (BfyRequest) alive = bfy_request_ref (self);

  if (self->is_over || !self->door.is_streamed)
    return;

  self->door.reader = func;
  self->door.reader_data = user_data;
  bfy_request_tell_to_go_on (self);
  if (self->door.n_in_turn < TURN_BYTES)
    go_on (self);
  else if (self->door.turn_id == 0)
    self->door.turn_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_turn, self, NULL);
}

void
bfy_request_forget_reader (BfyRequest *self)
{
  self->door.reader = NULL;
}

void
bfy_request_stop_body (BfyRequest *self)
{
  bfy_request_forget_reader (self);
  g_clear_handle_id (&self->door.turn_id, g_source_remove);
}
