/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <sys/epoll.h>

#include "agent/door/connection-private.h"
#include "agent/door/framing.h"
#include "agent/door/reply.h"
#include "agent/door/request-private.h"

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

/* It is being served while its body is still coming. */
static gboolean
is_uploading (BfyConnection *self)
{
  return self->request != NULL && bfy_request_is_uploading (self->request);
}

/* A streamed body is the client's to send only while somebody waits for it. */
static void
update_deadline (BfyConnection *self)
{
  if (is_serving (self) || (is_uploading (self) && (bfy_request_is_raw (self->request) ||
                                                    !bfy_request_wants_input (self->request))))
    bfy_deadline_set (&self->deadline, -1);
  else if (bfy_framing_is_idle (&self->framing))
    bfy_deadline_set (&self->deadline, BFY_IDLE_TIMEOUT_MS);
  else if (!bfy_framing_is_in_head (&self->framing))
    bfy_deadline_set_at (&self->deadline,
                         self->body_begun_us +
                             (BFY_BODY_TIMEOUT_MS + (gint64) self->n_body / BFY_BODY_BYTES_PER_MS) *
                                 1000);
}

static void
on_deadline (gpointer user_data)
{
  g_autoptr (BfyConnection) self = bfy_connection_ref (user_data);
  g_autoptr (GBytes) reply = NULL;

  if (bfy_framing_is_idle (&self->framing))
    {
      bfy_connection_close (self);
      return;
    }
  if (is_uploading (self) && bfy_request_is_answered (self->request))
    {
      bfy_connection_abort (self);
      return;
    }
  reply = bfy_reply_raw_error (408, BFY_ERROR_BAD_REQUEST, "The request did not arrive in time");
  bfy_connection_refuse (self, reply);
}

/* In the middle of an answer nothing else can be said. */
static void
refuse_fault (BfyConnection *self, const BfyFramingFault *fault)
{
  g_autoptr (GBytes) reply = bfy_reply_raw_error (
      fault->status, fault->status == 413 ? BFY_ERROR_TOO_LARGE : BFY_ERROR_BAD_REQUEST,
      fault->message);

  if (is_uploading (self) && bfy_request_is_answered (self->request))
    bfy_connection_abort (self);
  else
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

/* Goes on to the next request when this one has come in whole, and its answer has gone out. What is
 * left of a streamed body nobody waits for. */
static void
settle (BfyConnection *self)
{
  gboolean is_early = is_uploading (self);

  if (is_closed (self) || !(is_serving (self) || is_early) || !self->is_complete ||
      !bfy_output_is_empty (&self->output))
    return;

  bfy_connection_finish_request (self, BFY_REQUEST_ANSWERED);
  if (is_early)
    {
      bfy_connection_leave (self);
      return;
    }
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
  if (is_serving (self))
    bfy_request_note_served (request);
  else
    bfy_request_note_streamed (request);
  self->funcs->serve (request, self->user_data);
  /* Whoever hangs up behind the request gets no more than what can be said at once. */
  if (self->intake.has_hung_up && (is_serving (self) || is_uploading (self)) &&
      self->request == request)
    bfy_connection_close (self);
}

static gboolean
wants_input (gpointer user_data)
{
  BfyConnection *self = user_data;

  return !is_closed (self) && !is_serving (self) &&
         (!is_uploading (self) || bfy_request_wants_input (self->request));
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

  if (bfy_request_is_uploading (request))
    request->door.waited_us = g_get_monotonic_time () - self->body_begun_us;
  bfy_request_note_input (request);
}

/* What has come may be enough to begin with. */
static void
serve_if_ready (BfyConnection *self)
{
  g_autoptr (BfyRequest) request = self->request != NULL ? bfy_request_ref (self->request) : NULL;

  if (request == NULL)
    return;
  if (is_serving (self) && bfy_request_is_uploading (request))
    {
      update_deadline (self);
      bfy_request_note_body_end (request);
      settle (self);
    }
  else if (is_serving (self) || bfy_request_is_ready_to_stream (request))
    {
      serve_request (self);
    }
}

/* One step of the check; returns how many bytes it took. */
static gsize
on_input (const char *bytes, gsize length, gpointer user_data)
{
  BfyConnection *self = user_data;
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
    bfy_deadline_set (&self->deadline, BFY_HEAD_TIMEOUT_MS);
  else
    update_deadline (self);

  if (bfy_framing_take_head (&self->framing))
    begin_request (self);
  else if (self->request != NULL)
    note_input (self);
  serve_if_ready (self);

  return n;
}

static void
on_input_ended (int code, gpointer user_data)
{
  bfy_connection_close (user_data);
}

static const BfyIntakeFuncs intake_funcs = { wants_input, on_input, on_input_ended };

static void
pump (BfyConnection *self)
{
  G_GNUC_UNUSED g_autoptr (BfyConnection) alive = bfy_connection_ref (self);

  bfy_intake_pump (&self->intake);
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

/* Of one that has hung up. The last words on a WebSocket are taken if somebody listens. */
static gboolean
nothing_is_to_come (BfyConnection *self)
{
  if (is_uploading (self) && bfy_request_is_raw (self->request))
    return !bfy_request_wants_input (self->request);

  return is_serving (self) || is_uploading (self);
}

static void
on_ready (guint32 events, gpointer user_data)
{
  g_autoptr (BfyConnection) self = bfy_connection_ref (user_data);

  bfy_intake_note_events (&self->intake, events);
  if ((events & EPOLLOUT) != 0)
    on_room (self);
  if (self->intake.has_hung_up && nothing_is_to_come (self))
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

void
bfy_connection_read_on (BfyConnection *self)
{
  if (is_closed (self) || !is_uploading (self))
    return;

  self->body_begun_us = g_get_monotonic_time () - self->request->door.waited_us;
  update_deadline (self);
  pump (self);
}

void
bfy_connection_open_raw (BfyConnection *self)
{
  bfy_framing_open (&self->framing);
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
  bfy_peer_pins_init (&self->pins);
  self->stream = g_object_ref (stream);
  self->fd = g_socket_get_fd (socket);
  g_socket_set_blocking (socket, FALSE);
  bfy_framing_init (&self->framing, body_max);
  bfy_output_init (&self->output, self->fd);
  bfy_intake_init (&self->intake, self->fd, &intake_funcs, self);
  if (self->door == BFY_DOOR_UNIX)
    bfy_intake_ask_senders (&self->intake);
  bfy_deadline_init (&self->deadline, on_deadline, self);

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

  bfy_intake_open (&self->intake);
  bfy_deadline_start (&self->deadline);
  bfy_deadline_set (&self->deadline, BFY_HEAD_TIMEOUT_MS);

  return TRUE;
}

void
bfy_connection_lend (BfyConnection *self, const BfyConnectionFuncs *funcs, gpointer user_data)
{
  self->funcs = funcs;
  self->user_data = user_data;
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
    bfy_connection_let_go (self);
  bfy_framing_clear (&self->framing);
  bfy_output_clear (&self->output);
  g_clear_pointer (&self->head, g_byte_array_unref);
  g_free (self->peer_text);
  g_clear_pointer (&self->process, bfy_caller_unref);
  g_clear_pointer (&self->key_holder, bfy_caller_unref);
  g_free (self);
}

int
bfy_connection_get_fd (BfyConnection *self)
{
  return is_closed (self) ? -1 : self->fd;
}

int
bfy_connection_get_sender (BfyConnection *self)
{
  return self->intake.sender != self->peer.pid ? self->intake.sender : 0;
}

const char *
bfy_connection_describe_peer (BfyConnection *self)
{
  if (self->peer_text == NULL && self->door == BFY_DOOR_UNIX)
    self->peer_text = bfy_peer_describe (&self->peer);

  return self->peer_text;
}
