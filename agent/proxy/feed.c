/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/feed.h"

#include <string.h>

typedef struct
{
  char *buffer; /* borrowed from the reader */
  gsize length;
} Room;

struct _BfyFeed
{
  GInputStream parent_instance;

  void (*wants) (gpointer user_data); /* (nullable) NULL once it has stopped */
  gpointer user_data;
  GBytes *piece; /* (owned) (nullable) */
  gsize n_taken; /* of it */
  gboolean has_ended;
  GTask *reading;     /* (owned) (nullable) */
  GSource *cancelled; /* (owned) (nullable) while somebody reads */
};

G_DEFINE_FINAL_TYPE (BfyFeed, bfy_feed, G_TYPE_INPUT_STREAM)

static GTask *
take_reading (BfyFeed *self)
{
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);

  return g_steal_pointer (&self->reading);
}

static void
fail_reading (BfyFeed *self)
{
  g_autoptr (GTask) task = take_reading (self);

  if (task != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The upload was broken off");
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  fail_reading (user_data);

  return G_SOURCE_REMOVE;
}

static gssize
take (BfyFeed *self, const Room *room)
{
  gsize length;
  const char *data = g_bytes_get_data (self->piece, &length);
  gsize n = MIN (room->length, length - self->n_taken);

  memcpy (room->buffer, data + self->n_taken, n);
  self->n_taken += n;
  if (self->n_taken == length)
    g_clear_pointer (&self->piece, g_bytes_unref);

  return (gssize) n;
}

static void
serve_reading (BfyFeed *self)
{
  g_autoptr (GTask) task = take_reading (self);

  if (task != NULL)
    g_task_return_int (task, self->piece != NULL ? take (self, g_task_get_task_data (task)) : 0);
}

static void
wait_for_piece (BfyFeed *self, GCancellable *cancellable)
{
  if (cancellable != NULL)
    {
      self->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (self->cancelled, G_SOURCE_FUNC (on_cancelled), self, NULL);
      g_source_attach (self->cancelled, g_main_context_get_thread_default ());
    }
  self->wants (self->user_data);
}

static void
feed_read_async (GInputStream *stream,
                 void *buffer,
                 gsize count,
                 int io_priority,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  BfyFeed *self = BFY_FEED (stream);
  Room *room = g_new (Room, 1);

  *room = (Room){ buffer, count };
  self->reading = g_task_new (stream, cancellable, callback, user_data);
  g_task_set_check_cancellable (self->reading, FALSE);
  g_task_set_task_data (self->reading, room, g_free);
  if (self->wants == NULL)
    fail_reading (self);
  else if (self->piece != NULL || self->has_ended)
    serve_reading (self);
  else
    wait_for_piece (self, cancellable);
}

static gssize
feed_read_finish (GInputStream *stream, GAsyncResult *result, GError **error)
{
  return g_task_propagate_int (G_TASK (result), error);
}

static gssize
feed_read (
    GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "Asynchronous only");

  return -1;
}

BfyFeed *
bfy_feed_new (void (*wants) (gpointer user_data), gpointer user_data)
{
  BfyFeed *self = g_object_new (BFY_TYPE_FEED, NULL);

  self->wants = wants;
  self->user_data = user_data;

  return self;
}

void
bfy_feed_write (BfyFeed *self, GBytes *piece)
{
  g_clear_pointer (&self->piece, g_bytes_unref);
  self->n_taken = 0;
  self->has_ended = piece == NULL;
  self->piece = piece != NULL ? g_bytes_ref (piece) : NULL;
  serve_reading (self);
}

void
bfy_feed_stop (BfyFeed *self)
{
  self->wants = NULL;
  fail_reading (self);
}

static void
bfy_feed_finalize (GObject *object)
{
  BfyFeed *self = BFY_FEED (object);

  g_clear_pointer (&self->piece, g_bytes_unref);
  g_clear_pointer (&self->cancelled, g_source_unref);

  G_OBJECT_CLASS (bfy_feed_parent_class)->finalize (object);
}

static void
bfy_feed_class_init (BfyFeedClass *klass)
{
  GInputStreamClass *stream = G_INPUT_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = bfy_feed_finalize;
  stream->read_fn = feed_read;
  stream->read_async = feed_read_async;
  stream->read_finish = feed_read_finish;
}

static void
bfy_feed_init (BfyFeed *self)
{
}
