/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/connection.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "agent/door/linger.h"
#include "agent/door/reply.h"
#include "agent/door/request-private.h"

#define READ_BYTES (64 * 1024) /* from the socket in one go */

/* One for all: what is read is taken or put aside before anybody else can read, and then wiped. */
static char *scratch;

static gboolean
is_closed (BfyConnection *self)
{
  return self->stream == NULL;
}

/* A whole request is there, and its answer is not yet out. */
static gboolean
is_serving (BfyConnection *self)
{
  return self->request != NULL && bfy_framing_is_idle (&self->framing);
}

/* Moves the timer only forwards in need: a source that fires too early looks at the deadline again,
 * which is cheaper than touching it for every request. */
static void
set_deadline_at (BfyConnection *self, gint64 deadline_us)
{
  gint64 ready_us;

  self->deadline_us = deadline_us;
  if (self->deadline_us < 0 || self->timer == NULL)
    return;
  ready_us = g_source_get_ready_time (self->timer);
  if (ready_us < 0 || ready_us > self->deadline_us)
    g_source_set_ready_time (self->timer, self->deadline_us);
}

static void
set_deadline (BfyConnection *self, gint64 timeout_ms)
{
  set_deadline_at (self, timeout_ms < 0 ? -1 : g_get_monotonic_time () + timeout_ms * 1000);
}

static void
update_deadline (BfyConnection *self)
{
  if (is_serving (self))
    set_deadline (self, -1);
  else if (bfy_framing_is_idle (&self->framing))
    set_deadline (self, BFY_IDLE_TIMEOUT_MS);
  else if (!bfy_framing_is_in_head (&self->framing))
    set_deadline_at (
        self, self->body_begun_us +
                  (BFY_BODY_TIMEOUT_MS + (gint64) self->n_body / BFY_BODY_BYTES_PER_MS) * 1000);
}

static gboolean
on_deadline (gpointer user_data)
{
  g_autoptr (BfyConnection) self = bfy_connection_ref (user_data);

  if (self->deadline_us < 0 || self->deadline_us > g_get_monotonic_time ())
    {
      g_source_set_ready_time (self->timer, self->deadline_us);
      return G_SOURCE_CONTINUE;
    }
  g_source_set_ready_time (self->timer, -1);
  if (bfy_framing_is_idle (&self->framing))
    {
      bfy_connection_close (self);
    }
  else
    {
      g_autoptr (GBytes) reply =
          bfy_reply_raw_error (408, BFY_ERROR_BAD_REQUEST, "The request did not arrive in time");

      bfy_connection_refuse (self, reply);
    }

  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_timer (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs timer_funcs = { .dispatch = dispatch_timer };

static void
finish_request (BfyConnection *self, BfyRequestEnd how)
{
  g_autoptr (BfyRequest) request = g_steal_pointer (&self->request);

  if (request == NULL)
    return;

  self->is_complete = FALSE;
  bfy_request_note_finished (request, how);
  self->funcs->over (request, self->user_data);
}

static void
drop_timer (BfyConnection *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

/* Nothing happens on it any more, and its socket is closed or lingers. */
static void
let_go (BfyConnection *self)
{
  g_autoptr (GSocketConnection) stream = g_steal_pointer (&self->stream);

  g_clear_pointer (&self->watch, bfy_watch_stop);
  g_clear_handle_id (&self->broken_id, g_source_remove);
  drop_timer (self);
  if (self->is_refused)
    bfy_linger_begin (stream);
  else
    g_io_stream_close (G_IO_STREAM (stream), NULL, NULL);
}

static void
end (BfyConnection *self, BfyRequestEnd how)
{
  G_GNUC_UNUSED g_autoptr (BfyConnection) alive = bfy_connection_ref (self);

  if (is_closed (self))
    return;

  let_go (self);
  finish_request (self, how);
  self->funcs->closed (self, self->user_data);
}

void
bfy_connection_close (BfyConnection *self)
{
  end (self, self->is_complete ? BFY_REQUEST_ANSWERED : BFY_REQUEST_GONE);
}

void
bfy_connection_abort (BfyConnection *self)
{
  end (self, BFY_REQUEST_BROKEN);
}

void
bfy_connection_refuse (BfyConnection *self, GBytes *reply)
{
  gsize length;
  gconstpointer bytes = g_bytes_get_data (reply, &length);

  if (is_closed (self))
    return;

  /* Fits any socket buffer; a client that left no room for it does not get it. */
  (void) send (self->fd, bytes, length, MSG_NOSIGNAL);
  (void) shutdown (self->fd, SHUT_WR);
  self->is_refused = TRUE;
  bfy_connection_abort (self);
}

static void
refuse_fault (BfyConnection *self, const BfyFramingFault *fault)
{
  g_autoptr (GBytes) reply = bfy_reply_raw_error (
      fault->status, fault->status == 413 ? BFY_ERROR_TOO_LARGE : BFY_ERROR_BAD_REQUEST,
      fault->message);

  bfy_connection_refuse (self, reply);
}

static void
begin_request (BfyConnection *self)
{
  g_autoptr (GByteArray) head = g_steal_pointer (&self->head);
  g_autoptr (BfyRequest) request = bfy_request_new (self, (const char *) head->data, head->len);
  const BfyFramingFault fault = { 400, "The request head cannot be understood" };

  bfy_wipe (head->data, head->len); /* may have held a key */
  if (request == NULL)
    {
      refuse_fault (self, &fault);
      return;
    }
  self->request = bfy_request_ref (request);
  self->is_complete = FALSE;
  self->funcs->admit (request, self->user_data);
  bfy_request_note_admitted (request);
}

static void pump (BfyConnection *self);

/* Goes on to the next request when this one has come in whole, and its answer has gone out. */
static void
settle (BfyConnection *self)
{
  if (is_closed (self) || !is_serving (self) || !self->is_complete ||
      !bfy_output_is_empty (&self->output))
    return;

  finish_request (self, BFY_REQUEST_ANSWERED);
  if (self->is_last)
    {
      bfy_connection_close (self);
      return;
    }
  update_deadline (self);
  pump (self);
}

static void
serve_request (BfyConnection *self)
{
  g_autoptr (BfyRequest) request = bfy_request_ref (self->request);

  update_deadline (self);
  if (bfy_request_is_answered (request))
    {
      settle (self);
      return;
    }
  bfy_request_note_served (request);
  self->funcs->serve (request, self->user_data);
  /* Whoever hangs up behind the request gets no more than what can be said at once. */
  if (self->has_hung_up && is_serving (self) && self->request == request)
    bfy_connection_close (self);
}

static gboolean
wants_input (BfyConnection *self)
{
  return !is_closed (self) && !is_serving (self);
}

/* A head that came along is counted in: it is no more than a second's worth. */
static void
note_body (BfyConnection *self, gboolean is_new, gsize n_taken)
{
  if (is_new)
    {
      self->body_begun_us = g_get_monotonic_time ();
      self->n_body = 0;
    }
  self->n_body += n_taken;
}

/* It may be refused for what has come, and then it is over. */
static void
note_input (BfyConnection *self)
{
  g_autoptr (BfyRequest) request = bfy_request_ref (self->request);

  bfy_request_note_input (request);
}

/* One step of the check; returns how many bytes it took. */
static gsize
feed_once (BfyConnection *self, const char *bytes, gsize length)
{
  gboolean was_idle = bfy_framing_is_idle (&self->framing);
  gboolean was_in_head = bfy_framing_is_in_head (&self->framing);
  GByteArray *vetted;
  gsize n;

  if (self->request == NULL && self->head == NULL)
    self->head = g_byte_array_new ();
  vetted = self->request != NULL ? bfy_request_get_input (self->request) : self->head;
  n = bfy_framing_feed (&self->framing, (const guint8 *) bytes, length, vetted);
  if (bfy_framing_get_fault (&self->framing) != NULL)
    {
      refuse_fault (self, bfy_framing_get_fault (&self->framing));
      return n;
    }
  note_body (self, was_idle || was_in_head, n);
  if (was_idle && bfy_framing_is_in_head (&self->framing))
    set_deadline (self, BFY_HEAD_TIMEOUT_MS);
  else
    update_deadline (self);

  if (bfy_framing_take_head (&self->framing))
    begin_request (self);
  else if (self->request != NULL)
    note_input (self);
  if (is_serving (self))
    serve_request (self);

  return n;
}

static gsize
feed (BfyConnection *self, const char *bytes, gsize length)
{
  gsize n = 0;

  while (n < length && wants_input (self))
    n += feed_once (self, bytes + n, length - n);

  return n;
}

static void
put_aside (BfyConnection *self, const char *bytes, gsize length)
{
  if (length == 0 || is_closed (self))
    return;
  self->rest = g_byte_array_sized_new ((guint) length);
  g_byte_array_append (self->rest, (const guint8 *) bytes, (guint) length);
}

static void
feed_rest (BfyConnection *self)
{
  g_autoptr (GByteArray) rest = g_steal_pointer (&self->rest);
  gsize n = feed (self, (const char *) rest->data, rest->len);

  put_aside (self, (const char *) rest->data + n, rest->len - n);
  bfy_wipe (rest->data, rest->len);
}

static gssize
receive (BfyConnection *self, char *buffer)
{
  gssize n;

  do
    n = recv (self->fd, buffer, READ_BYTES, 0);
  while (n < 0 && errno == EINTR);
  self->is_readable = n > 0 && (n == READ_BYTES || self->has_hung_up);

  return n;
}

static void
feed_socket (BfyConnection *self)
{
  g_autofree char *buffer = scratch != NULL ? g_steal_pointer (&scratch) : g_malloc (READ_BYTES);
  gssize length = receive (self, buffer);

  if (length > 0)
    {
      gsize n = feed (self, buffer, (gsize) length);

      put_aside (self, buffer + n, (gsize) length - n);
      bfy_wipe (buffer, (gsize) length);
    }
  else if (length == 0 || errno != EAGAIN)
    {
      bfy_connection_close (self);
    }
  if (scratch == NULL)
    scratch = g_steal_pointer (&buffer);
}

/* What follows an answer that came at once is read here, in a loop and not in ever deeper calls. */
static void
pump (BfyConnection *self)
{
  G_GNUC_UNUSED g_autoptr (BfyConnection) alive = bfy_connection_ref (self);

  if (self->is_pumping)
    return;

  self->is_pumping = TRUE;
  while (wants_input (self) && (self->rest != NULL || self->is_readable))
    {
      if (self->rest != NULL)
        feed_rest (self);
      else
        feed_socket (self);
    }
  self->is_pumping = FALSE;
}

static void
on_room (BfyConnection *self)
{
  g_autoptr (BfyRequest) request = self->request != NULL ? bfy_request_ref (self->request) : NULL;

  if (bfy_output_is_empty (&self->output))
    return;
  if (!bfy_output_flush (&self->output))
    {
      bfy_connection_close (self);
      return;
    }
  if (!bfy_output_is_empty (&self->output))
    return;
  if (request != NULL)
    bfy_request_note_flushed (request);
  settle (self);
}

static void
on_ready (guint32 events, gpointer user_data)
{
  g_autoptr (BfyConnection) self = bfy_connection_ref (user_data);

  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
    self->is_readable = TRUE;
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
    self->has_hung_up = TRUE;
  if ((events & EPOLLOUT) != 0)
    on_room (self);
  if (self->has_hung_up && is_serving (self))
    bfy_connection_close (self);
  pump (self);
}

static gboolean
on_broken (gpointer user_data)
{
  g_autoptr (BfyConnection) self = bfy_connection_ref (user_data);

  self->broken_id = 0;
  bfy_connection_close (self);

  return G_SOURCE_REMOVE;
}

/* Whoever sends is in the middle of something: they learn later that the client has gone. */
void
bfy_connection_send (BfyConnection *self, const struct iovec *parts, guint n_parts)
{
  if (is_closed (self) || self->broken_id != 0)
    return;
  if (!bfy_output_send (&self->output, parts, n_parts))
    self->broken_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_broken, self, NULL);
}

gboolean
bfy_connection_is_flushed (BfyConnection *self)
{
  return bfy_output_is_empty (&self->output);
}

void
bfy_connection_complete (BfyConnection *self, gboolean is_last)
{
  self->is_complete = TRUE;
  self->is_last = is_last;
  settle (self);
}

BfyConnection *
bfy_connection_new (BfyDoor *door, GSocketConnection *stream, const BfyPeer *peer, guint64 body_max)
{
  BfyConnection *self = g_new0 (BfyConnection, 1);
  GSocket *socket = g_socket_connection_get_socket (stream);

  g_atomic_ref_count_init (&self->ref_count);
  self->door = bfy_door_get_kind (door);
  self->port = bfy_door_get_port (door);
  self->peer = *peer;
  self->stream = g_object_ref (stream);
  self->fd = g_socket_get_fd (socket);
  self->deadline_us = -1;
  g_socket_set_blocking (socket, FALSE);
  bfy_framing_init (&self->framing, body_max);
  bfy_output_init (&self->output, self->fd);

  return self;
}

gboolean
bfy_connection_open (BfyConnection *self,
                     BfyPoller *poller,
                     const BfyConnectionFuncs *funcs,
                     gpointer user_data)
{
  self->funcs = funcs;
  self->user_data = user_data;
  self->watch = bfy_poller_watch (poller, self->fd, on_ready, self);
  if (self->watch == NULL)
    return FALSE;

  self->timer = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_callback (self->timer, on_deadline, self, NULL);
  g_source_set_ready_time (self->timer, -1);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
  set_deadline (self, BFY_HEAD_TIMEOUT_MS);

  return TRUE;
}

BfyConnection *
bfy_connection_ref (BfyConnection *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_connection_unref (BfyConnection *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->stream != NULL)
    let_go (self);
  bfy_framing_clear (&self->framing);
  bfy_output_clear (&self->output);
  g_clear_pointer (&self->head, g_byte_array_unref);
  g_clear_pointer (&self->rest, g_byte_array_unref);
  g_free (self);
}
