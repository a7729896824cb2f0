/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/database/read-ahead.h"

struct _BfyReadAhead
{
  GInputStream parent;
  GSocketConnection *connection; /* (owned) */
  GPollableInputStream *base;    /* the connection's */
  const guint8 *unread;          /* in the buffer */
  gsize n_unread;
  gboolean is_woken;   /* is told of what is new */
  gboolean is_drained; /* there was nothing more, and nothing new has been told since */
  gboolean has_ended;
  guint8 buffer[BFY_READ_AHEAD_BYTES];
};

static void implement_pollable (GPollableInputStreamInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BfyReadAhead,
                               bfy_read_ahead,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      implement_pollable))

static gssize
take (BfyReadAhead *self, void *to, gsize n_max)
{
  gsize n = MIN (n_max, self->n_unread);

  memcpy (to, self->unread, n);
  self->unread += n;
  self->n_unread -= n;

  return (gssize) n;
}

static void
keep (BfyReadAhead *self, gsize n)
{
  self->unread = self->buffer;
  self->n_unread = n;
  self->is_drained = self->is_woken && !self->has_ended && n < sizeof self->buffer;
}

static gssize
bfy_read_ahead_read_nonblocking (GPollableInputStream *stream,
                                 void *to,
                                 gsize n_max,
                                 GError **error)
{
  BfyReadAhead *self = BFY_READ_AHEAD (stream);
  gssize n = 0;

  if (self->n_unread > 0)
    return take (self, to, n_max);
  if (bfy_read_ahead_is_drained (self))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "Nothing more has come");
      return -1;
    }
  n = g_pollable_input_stream_read_nonblocking (self->base, self->buffer, sizeof self->buffer, NULL,
                                                error);
  if (n <= 0)
    return n;
  keep (self, (gsize) n);

  return take (self, to, n_max);
}

static gssize
bfy_read_ahead_read (
    GInputStream *stream, void *to, gsize n_max, GCancellable *cancellable, GError **error)
{
  BfyReadAhead *self = BFY_READ_AHEAD (stream);

  if (self->n_unread > 0)
    return take (self, to, n_max);

  return g_input_stream_read (G_INPUT_STREAM (self->base), to, n_max, cancellable, error);
}

static gboolean
bfy_read_ahead_is_readable (GPollableInputStream *stream)
{
  BfyReadAhead *self = BFY_READ_AHEAD (stream);

  return self->n_unread > 0 || g_pollable_input_stream_is_readable (self->base);
}

static GSource *
bfy_read_ahead_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  BfyReadAhead *self = BFY_READ_AHEAD (stream);
  g_autoptr (GSource) there = self->n_unread > 0
                                  ? g_timeout_source_new (0)
                                  : g_pollable_input_stream_create_source (self->base, cancellable);

  return g_pollable_source_new_full (stream, there, cancellable);
}

static void
implement_pollable (GPollableInputStreamInterface *interface)
{
  interface->is_readable = bfy_read_ahead_is_readable;
  interface->create_source = bfy_read_ahead_create_source;
  interface->read_nonblocking = bfy_read_ahead_read_nonblocking;
}

static void
bfy_read_ahead_finalize (GObject *object)
{
  BfyReadAhead *self = BFY_READ_AHEAD (object);

  g_object_unref (self->connection);

  G_OBJECT_CLASS (bfy_read_ahead_parent_class)->finalize (object);
}

static void
bfy_read_ahead_class_init (BfyReadAheadClass *class)
{
  G_OBJECT_CLASS (class)->finalize = bfy_read_ahead_finalize;
  G_INPUT_STREAM_CLASS (class)->read_fn = bfy_read_ahead_read;
}

static void
bfy_read_ahead_init (BfyReadAhead *self)
{
}

GIOStream *
bfy_read_ahead_new (GSocketConnection *connection)
{
  g_autoptr (BfyReadAhead) self = g_object_new (BFY_TYPE_READ_AHEAD, NULL);
  GIOStream *stream = G_IO_STREAM (connection);

  self->connection = g_object_ref (connection);
  self->base = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream));

  return g_simple_io_stream_new (G_INPUT_STREAM (self), g_io_stream_get_output_stream (stream));
}

GSocket *
bfy_read_ahead_get_socket (const BfyReadAhead *self)
{
  return g_socket_connection_get_socket (self->connection);
}

void
bfy_read_ahead_wake (BfyReadAhead *self, gboolean has_ended)
{
  self->is_woken = TRUE;
  self->is_drained = FALSE;
  self->has_ended |= has_ended;
}

gboolean
bfy_read_ahead_is_drained (const BfyReadAhead *self)
{
  return self->n_unread == 0 && self->is_drained;
}
