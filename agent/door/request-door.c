/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "agent/door/reply.h"
#include "agent/door/request-private.h"

#define DISCARD_BYTES_MAX (256 * 1024) /* of a refused request's body that is read and dropped */

static struct iovec
part (gconstpointer bytes, gsize length)
{
  return (struct iovec){ (gpointer) bytes, length };
}

/* Statuses that come without a body have no length either (RFC 9110, 8.6). */
static gboolean
has_no_body (guint status)
{
  return status == 204 || status == 304;
}

/* The end of a body without a length is told by chunks, or to an old client by closing. */
static void
append_framing (BfyRequest *self, GString *head)
{
  if (self->door.status == SOUP_STATUS_SWITCHING_PROTOCOLS)
    {
      g_string_append (head, "Connection: Upgrade\r\nUpgrade: websocket\r\n");
      return;
    }
  if (self->door.length >= 0 && !has_no_body (self->door.status))
    g_string_append_printf (head, "Content-Length: %" G_GOFFSET_FORMAT "\r\n", self->door.length);
  else if (self->door.is_chunked)
    g_string_append (head, "Transfer-Encoding: chunked\r\n");
  if (!self->door.is_persistent)
    g_string_append (head, "Connection: close\r\n");
  else if (self->door.is_1_0)
    g_string_append (head, "Connection: keep-alive\r\n");
}

static GString *
format_head (BfyRequest *self)
{
  GString *head = bfy_reply_format_head (self->door.status, self->door.is_own);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  bfy_request_filter_headers (self, self->door.answer);
  if (self->door.answer != NULL)
    {
      soup_message_headers_iter_init (&iter, self->door.answer);
      while (soup_message_headers_iter_next (&iter, &name, &value))
        {
          g_string_append (head, name);
          g_string_append (head, ": ");
          g_string_append (head, value);
          g_string_append (head, "\r\n");
        }
    }
  append_framing (self, head);
  g_string_append (head, "\r\n");

  return head;
}

static void
set_answer (BfyRequest *self, guint status, goffset length, gboolean is_own)
{
  self->door.status = status;
  self->door.length = length;
  self->door.is_own = is_own;
  self->door.is_chunked = length < 0 && !self->door.is_1_0 && !has_no_body (status);
  /* What is left of the body is not waited for. */
  if (bfy_request_is_uploading (self))
    self->door.is_persistent = FALSE;
  if (status == SOUP_STATUS_SWITCHING_PROTOCOLS)
    self->door.is_chunked = self->door.is_persistent = FALSE;
  if (length < 0 && self->door.is_1_0)
    self->door.is_persistent = FALSE;
}

/* Sends the head, if it has not been sent, together with @bytes. Nothing of a body goes to HEAD,
 * nor more of it than was announced. */
static void
send_piece (BfyRequest *self, const char *bytes, gsize length)
{
  g_autoptr (GString) head = self->door.is_head_sent ? NULL : format_head (self);
  char size[20];
  gboolean has_chunk;
  struct iovec parts[4];

  self->door.is_head_sent = TRUE;
  if (self->door.is_head_request || has_no_body (self->door.status))
    length = 0;
  if (self->door.length >= 0)
    length = MIN (length, (gsize) self->door.length - self->door.n_sent);
  self->door.n_sent += length;
  has_chunk = self->door.is_chunked && length > 0;
  parts[0] = part (head != NULL ? head->str : NULL, head != NULL ? head->len : 0);
  parts[1] = part (
      size,
      has_chunk ? (gsize) g_snprintf (size, sizeof size, "%" G_GSIZE_MODIFIER "x\r\n", length) : 0);
  parts[2] = part (bytes, length);
  parts[3] = part ("\r\n", has_chunk ? 2 : 0);
  bfy_connection_send (self->connection, parts, G_N_ELEMENTS (parts));
}

/* Nobody should have to send megabytes to learn that they are not wanted. */
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
  if (has_much_to_come (self))
    {
      g_autoptr (GBytes) raw = bfy_reply_raw (status, content_type, body);

      bfy_connection_refuse (self->connection, raw);
      return;
    }
  if (content_type == NULL)
    length = 0;
  set_answer (self, status, (goffset) length, TRUE);
  if (content_type != NULL)
    {
      self->door.answer = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
      soup_message_headers_append (self->door.answer, "Content-Type", content_type);
      bfy_request_append_retry_after (self, self->door.answer);
    }
  send_piece (self, body, length);
  if (!self->is_over)
    bfy_connection_complete (self->connection, !self->door.is_persistent);
}

static SoupMessageHeaders *
door_begin (BfyRequest *self, guint status, goffset length, gboolean is_own)
{
  set_answer (self, status, length, is_own);
  self->door.answer = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);

  return self->door.answer;
}

static void
door_flush (BfyRequest *self)
{
  if (!self->door.is_head_sent)
    send_piece (self, NULL, 0);
}

/* Whoever is told that the bytes have gone out may write again at once: in a loop, not ever deeper.
 */
static void
note_sent (BfyRequest *self)
{
  G_GNUC_UNUSED g_autoptr (BfyRequest) alive = bfy_request_ref (self);

  self->door.has_drained = TRUE;
  if (self->door.is_draining)
    return;

  self->door.is_draining = TRUE;
  while (self->door.has_drained && !self->is_over)
    {
      self->door.has_drained = FALSE;
      bfy_request_note_drained (self);
    }
  self->door.is_draining = FALSE;
}

static void
door_write (BfyRequest *self, GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  send_piece (self, data, length);
  if (!self->is_over && bfy_connection_is_flushed (self->connection))
    note_sent (self);
}

/* A body that is shorter than announced must not look whole. */
static void
door_end (BfyRequest *self)
{
  const struct iovec last_chunk = part ("0\r\n\r\n", 5);

  door_flush (self);
  if (self->is_over)
    return;
  if (self->door.length > 0 && self->door.n_sent < (gsize) self->door.length &&
      !self->door.is_head_request && !has_no_body (self->door.status))
    {
      bfy_connection_abort (self->connection);
      return;
    }
  if (self->door.is_chunked && !self->door.is_head_request)
    bfy_connection_send (self->connection, &last_chunk, 1);
  if (!self->is_over)
    bfy_connection_complete (self->connection, !self->door.is_persistent);
}

static void
door_abort (BfyRequest *self)
{
  bfy_connection_abort (self->connection);
}

static void
door_dispose (BfyRequest *self)
{
  g_free (self->door.method);
  g_free (self->door.target);
  g_clear_pointer (&self->door.headers, soup_message_headers_unref);
  g_clear_pointer (&self->door.answer, soup_message_headers_unref);
  bfy_request_stop_body (self);
  g_clear_pointer (&self->door.input, g_byte_array_unref);
}

static const BfyRequestKind door_kind = {
  .reply = door_reply,
  .begin = door_begin,
  .flush = door_flush,
  .write = door_write,
  .end = door_end,
  .abort = door_abort,
  .dispose = door_dispose,
};

static void
split_target (BfyRequest *self)
{
  char *query = strchr (self->door.target, '?');

  if (query != NULL)
    *query++ = '\0';
  self->door.query = query;
}

BfyRequest *
bfy_request_new (BfyConnection *connection, const char *head, gsize length)
{
  g_autoptr (BfyRequest) self = bfy_request_alloc (&door_kind, connection);
  SoupHTTPVersion version;
  gboolean asks_to_close, asks_to_keep;

  self->door.headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  self->door.input = g_byte_array_new ();
  self->door.length = -1;
  if (soup_headers_parse_request (head, (int) length, self->door.headers, &self->door.method,
                                  &self->door.target, &version) != SOUP_STATUS_OK)
    return NULL;

  split_target (self);
  self->method = self->door.method;
  self->headers = self->door.headers;
  asks_to_close = soup_message_headers_header_contains (self->headers, "Connection", "close");
  asks_to_keep = soup_message_headers_header_contains (self->headers, "Connection", "keep-alive");
  self->door.is_1_0 = version == SOUP_HTTP_1_0;
  self->door.is_persistent = !asks_to_close && (!self->door.is_1_0 || asks_to_keep);
  self->door.is_head_request = g_str_equal (self->method, "HEAD");

  return g_steal_pointer (&self);
}

const char *
bfy_request_get_path (BfyRequest *self)
{
  return self->door.target != NULL ? self->door.target : "";
}

const char *
bfy_request_get_query (BfyRequest *self)
{
  return self->door.query;
}

static gboolean
on_broken (gpointer user_data)
{
  g_cancellable_cancel (user_data);

  return G_SOURCE_REMOVE;
}

void
bfy_request_note_broken (BfyRequest *self)
{
  bfy_request_note_over (self);
  g_idle_add_full (G_PRIORITY_DEFAULT, on_broken, g_object_ref (self->gone), g_object_unref);
}

void
bfy_request_note_finished (BfyRequest *self, BfyRequestEnd how)
{
  if (self->is_over || bfy_request_is_detached (self))
    return;

  if (how == BFY_REQUEST_BROKEN)
    {
      bfy_request_note_broken (self);
      return;
    }
  bfy_request_note_over (self);
  if (how == BFY_REQUEST_GONE)
    g_cancellable_cancel (self->gone);
}

void
bfy_request_note_flushed (BfyRequest *self)
{
  note_sent (self);
}
