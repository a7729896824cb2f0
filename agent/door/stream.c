/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The input side hands on nothing that the framing check has not passed, and never bytes of a
 * second request together with the first: what a pipelining client sent ahead waits here, unread,
 * until the library asks for it. So a fault is always met while the library waits for input and has
 * written nothing of a response: the refusal can be written straight to the socket. */

#include "agent/door/stream.h"

#include <string.h>
#include <sys/socket.h>

#include "agent/door/framing.h"
#include "agent/door/linger.h"
#include "agent/door/reply.h"

#define READ_BYTES (16 * 1024) /* one read from the socket */

#define BFY_TYPE_DOOR_INPUT (bfy_door_input_get_type ())
G_DECLARE_FINAL_TYPE (BfyDoorInput, bfy_door_input, BFY, DOOR_INPUT, GInputStream)

struct _BfyDoorInput
{
  GInputStream parent_instance;

  BfyDoorStream *stream; /* borrowed, NULL once the stream is gone */
};

struct _BfyDoorStream
{
  GIOStream parent_instance;

  GSocketConnection *connection; /* (owned) */
  GSocket *socket;               /* borrowed from connection */
  GSocketAddress *address;       /* (owned) */
  BfyDoorInput *input;           /* (owned) */
  BfyFraming framing;
  GByteArray *raw;    /* (owned) read from the socket, not checked yet */
  GByteArray *vetted; /* (owned) checked, from vetted_offset not handed on yet */
  gsize vetted_offset;
  GCancellable *ended; /* (owned) cancelled when no further input will come */
  GSource *timer;      /* (owned) */
  gint64 deadline_us;  /* monotonic; -1: none */
  gint64 body_begun_us;
  gsize n_body; /* bytes of the present body that have come */
  gboolean is_serving;
  gboolean is_refused;
};

enum
{
  SIGNAL_CLOSED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void bfy_door_input_pollable_init (GPollableInputStreamInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BfyDoorInput,
                               bfy_door_input,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      bfy_door_input_pollable_init))
G_DEFINE_FINAL_TYPE (BfyDoorStream, bfy_door_stream, G_TYPE_IO_STREAM)

/* Moves the timer only forwards in need: a source that fires too early looks at the deadline again,
 * which is cheaper than touching it for every request. */
static void
set_deadline_at (BfyDoorStream *self, gint64 deadline_us)
{
  gint64 ready_us = g_source_get_ready_time (self->timer);

  self->deadline_us = deadline_us;
  if (self->deadline_us >= 0 && (ready_us < 0 || ready_us > self->deadline_us))
    g_source_set_ready_time (self->timer, self->deadline_us);
}

static void
set_deadline (BfyDoorStream *self, gint64 timeout_ms)
{
  set_deadline_at (self, timeout_ms < 0 ? -1 : g_get_monotonic_time () + timeout_ms * 1000);
}

static void
update_deadline (BfyDoorStream *self)
{
  if (self->is_serving || self->is_refused)
    set_deadline (self, -1);
  else if (bfy_framing_is_idle (&self->framing))
    set_deadline (self, BFY_IDLE_TIMEOUT_MS);
  else if (!bfy_framing_is_in_head (&self->framing))
    set_deadline_at (
        self, self->body_begun_us +
                  (BFY_BODY_TIMEOUT_MS + (gint64) self->n_body / BFY_BODY_BYTES_PER_MS) * 1000);
}

static void
end_input (BfyDoorStream *self)
{
  set_deadline (self, -1);
  g_cancellable_cancel (self->ended);
}

static gboolean
on_deadline (gpointer user_data)
{
  BfyDoorStream *self = user_data;

  if (self->deadline_us < 0 || self->deadline_us > g_get_monotonic_time ())
    {
      g_source_set_ready_time (self->timer, self->deadline_us);
      return G_SOURCE_CONTINUE;
    }
  g_source_set_ready_time (self->timer, -1);
  if (bfy_framing_is_idle (&self->framing))
    {
      bfy_door_stream_abort (self);
    }
  else
    {
      g_autoptr (GBytes) reply =
          bfy_reply_raw_error (408, BFY_ERROR_BAD_REQUEST, "The request did not arrive in time");

      bfy_door_stream_refuse (self, reply);
    }

  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_timer (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs timer_funcs = { .dispatch = dispatch_timer };

/* A head that came along is counted in: it is no more than a second's worth. */
static void
note_body (BfyDoorStream *self, gboolean is_new, gsize n_taken)
{
  if (is_new)
    {
      self->body_begun_us = g_get_monotonic_time ();
      self->n_body = 0;
    }
  self->n_body += n_taken;
}

/* Takes more of what has been read through the check, as long as nothing waits to be handed on. */
static void
vet (BfyDoorStream *self)
{
  gboolean was_idle, was_in_head;
  gsize n_taken;

  if (self->raw->len == 0 || self->vetted->len > 0)
    return;

  was_idle = bfy_framing_is_idle (&self->framing);
  was_in_head = bfy_framing_is_in_head (&self->framing);
  n_taken = bfy_framing_feed (&self->framing, self->raw->data, self->raw->len, self->vetted);
  g_byte_array_remove_range (self->raw, 0, n_taken);
  note_body (self, was_idle || was_in_head, n_taken);
  if (was_idle && bfy_framing_is_in_head (&self->framing))
    set_deadline (self, BFY_HEAD_TIMEOUT_MS);
  else
    update_deadline (self);
  if (bfy_framing_get_fault (&self->framing) != NULL)
    {
      const BfyFramingFault *fault = bfy_framing_get_fault (&self->framing);
      g_autoptr (GBytes) reply = bfy_reply_raw_error (
          fault->status, fault->status == 413 ? BFY_ERROR_TOO_LARGE : BFY_ERROR_BAD_REQUEST,
          fault->message);

      g_byte_array_set_size (self->vetted, 0);
      bfy_door_stream_refuse (self, reply);
    }
}

/* As GPollableInputStream's: bytes, 0 at the end, or -1 and G_IO_ERROR_WOULD_BLOCK. */
static gssize
read_socket (BfyDoorStream *self, GCancellable *cancellable, GError **error)
{
  gsize before = self->raw->len;
  gssize n_read;

  g_byte_array_set_size (self->raw, before + READ_BYTES);
  n_read = g_socket_receive_with_blocking (self->socket, (gchar *) self->raw->data + before,
                                           READ_BYTES, FALSE, cancellable, error);
  g_byte_array_set_size (self->raw, before + MAX (n_read, 0));

  return n_read;
}

static gssize
hand_on (BfyDoorStream *self, gpointer buffer, gsize count)
{
  gsize n = MIN (count, self->vetted->len - self->vetted_offset);

  memcpy (buffer, self->vetted->data + self->vetted_offset, n);
  self->vetted_offset += n;
  if (self->vetted_offset == self->vetted->len)
    {
      g_byte_array_set_size (self->vetted, 0);
      self->vetted_offset = 0;
    }

  return (gssize) n;
}

static gssize
read_vetted (
    BfyDoorStream *self, gpointer buffer, gsize count, GCancellable *cancellable, GError **error)
{
  while (TRUE)
    {
      gssize n_read;

      if (g_cancellable_is_cancelled (self->ended))
        return 0;
      if (self->vetted->len > 0)
        return hand_on (self, buffer, count);
      if (self->raw->len == 0)
        {
          n_read = read_socket (self, cancellable, error);
          if (n_read <= 0)
            return n_read;
        }
      vet (self);
    }
}

static gssize
bfy_door_input_read_nonblocking (GPollableInputStream *pollable,
                                 void *buffer,
                                 gsize count,
                                 GError **error)
{
  BfyDoorInput *self = BFY_DOOR_INPUT (pollable);

  return self->stream != NULL ? read_vetted (self->stream, buffer, count, NULL, error) : 0;
}

static gssize
bfy_door_input_read (
    GInputStream *input, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "Asynchronous use only");

  return -1;
}

static gboolean
has_input (BfyDoorStream *self)
{
  return self->vetted->len > 0 || self->raw->len > 0 || g_cancellable_is_cancelled (self->ended);
}

static gboolean
bfy_door_input_is_readable (GPollableInputStream *pollable)
{
  BfyDoorInput *self = BFY_DOOR_INPUT (pollable);

  return self->stream == NULL || has_input (self->stream) ||
         g_socket_condition_check (self->stream->socket, G_IO_IN) != 0;
}

static GSource *
bfy_door_input_create_source (GPollableInputStream *pollable, GCancellable *cancellable)
{
  BfyDoorInput *self = BFY_DOOR_INPUT (pollable);
  g_autoptr (GSource) child = NULL;
  g_autoptr (GSource) end = NULL;
  GSource *source;

  if (self->stream == NULL || has_input (self->stream))
    child = g_timeout_source_new (0);
  else
    child = g_socket_create_source (self->stream->socket, G_IO_IN, NULL);
  source = g_pollable_source_new_full (self, child, cancellable);
  if (self->stream != NULL)
    {
      end = g_cancellable_source_new (self->stream->ended);
      g_source_set_dummy_callback (end);
      g_source_add_child_source (source, end);
    }

  return source;
}

static void
bfy_door_input_pollable_init (GPollableInputStreamInterface *interface)
{
  interface->read_nonblocking = bfy_door_input_read_nonblocking;
  interface->is_readable = bfy_door_input_is_readable;
  interface->create_source = bfy_door_input_create_source;
}

static void
bfy_door_input_class_init (BfyDoorInputClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = bfy_door_input_read;
}

static void
bfy_door_input_init (BfyDoorInput *self)
{
}

BfyDoorStream *
bfy_door_stream_new (GSocketConnection *connection, guint64 body_max)
{
  BfyDoorStream *self = g_object_new (BFY_TYPE_DOOR_STREAM, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);

  /* The HTTP library wants an internet address, on the UNIX door too; only its identity counts. */
  self->address = g_inet_socket_address_new (loopback, 0);

  self->connection = g_object_ref (connection);
  self->socket = g_socket_connection_get_socket (connection);
  g_socket_set_blocking (self->socket, FALSE);
  bfy_framing_init (&self->framing, body_max);
  set_deadline (self, BFY_HEAD_TIMEOUT_MS);

  return self;
}

GSocket *
bfy_door_stream_get_socket (BfyDoorStream *self)
{
  return self->socket;
}

GSocketAddress *
bfy_door_stream_get_address (BfyDoorStream *self)
{
  return self->address;
}

void
bfy_door_stream_set_serving (BfyDoorStream *self, gboolean is_serving)
{
  self->is_serving = is_serving;
  update_deadline (self);
}

void
bfy_door_stream_refuse (BfyDoorStream *self, GBytes *reply)
{
  gsize length;
  const gchar *bytes = g_bytes_get_data (reply, &length);

  if (self->is_refused)
    return;

  self->is_refused = TRUE;
  /* Fits any socket buffer; a client that left no room for it does not get it. */
  g_socket_send_with_blocking (self->socket, bytes, length, FALSE, NULL, NULL);
  g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
  end_input (self);
}

void
bfy_door_stream_abort (BfyDoorStream *self)
{
  g_socket_shutdown (self->socket, TRUE, TRUE, NULL);
  end_input (self);
}

static GInputStream *
bfy_door_stream_get_input_stream (GIOStream *stream)
{
  return G_INPUT_STREAM (BFY_DOOR_STREAM (stream)->input);
}

static GOutputStream *
bfy_door_stream_get_output_stream (GIOStream *stream)
{
  return g_io_stream_get_output_stream (G_IO_STREAM (BFY_DOOR_STREAM (stream)->connection));
}

static gboolean
bfy_door_stream_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  BfyDoorStream *self = BFY_DOOR_STREAM (stream);

  end_input (self);
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0);
  if (!self->is_refused)
    return g_io_stream_close (G_IO_STREAM (self->connection), cancellable, error);

  bfy_linger_begin (self->connection);

  return TRUE;
}

static void
bfy_door_stream_dispose (GObject *object)
{
  BfyDoorStream *self = BFY_DOOR_STREAM (object);

  G_OBJECT_CLASS (bfy_door_stream_parent_class)->dispose (object); /* closes */
  g_source_destroy (self->timer);
}

static void
bfy_door_stream_finalize (GObject *object)
{
  BfyDoorStream *self = BFY_DOOR_STREAM (object);

  self->input->stream = NULL;
  g_clear_object (&self->input);
  g_clear_object (&self->connection);
  g_clear_object (&self->ended);
  g_clear_object (&self->address);
  g_source_unref (self->timer);
  bfy_framing_clear (&self->framing);
  g_byte_array_unref (self->raw);
  g_byte_array_unref (self->vetted);
  G_OBJECT_CLASS (bfy_door_stream_parent_class)->finalize (object);
}

static void
bfy_door_stream_class_init (BfyDoorStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  object_class->dispose = bfy_door_stream_dispose;
  object_class->finalize = bfy_door_stream_finalize;
  stream_class->get_input_stream = bfy_door_stream_get_input_stream;
  stream_class->get_output_stream = bfy_door_stream_get_output_stream;
  stream_class->close_fn = bfy_door_stream_close;

  signals[SIGNAL_CLOSED] = g_signal_new ("closed", BFY_TYPE_DOOR_STREAM, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
}

static void
bfy_door_stream_init (BfyDoorStream *self)
{
  self->raw = g_byte_array_new ();
  self->vetted = g_byte_array_new ();
  self->ended = g_cancellable_new ();
  self->input = g_object_new (BFY_TYPE_DOOR_INPUT, NULL);
  self->input->stream = self;
  self->deadline_us = -1;
  self->timer = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_callback (self->timer, on_deadline, self, NULL);
  g_source_set_ready_time (self->timer, -1);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}
