/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/input.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

struct _BfyInput
{
  int fd; /* -1 once nobody reads */
  GSourceFunc overrun;
  gpointer user_data;
  GSource *source; /* (owned) (nullable) waits for room */
  GSource *idle;   /* (owned) (nullable) tells of the overrun */
  GQueue queue;    /* (owned) (element-type GBytes) */
  gsize n_queued;
  gsize n_written; /* of the first */
};

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
attach (GSource **place, GSource *source, GSourceFunc func, gpointer data)
{
  *place = source;
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static void
close_fd (BfyInput *self)
{
  drop_source (&self->source);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

BfyInput *
bfy_input_new (int fd, GSourceFunc overrun, gpointer user_data)
{
  BfyInput *self = g_new0 (BfyInput, 1);

  self->fd = fd;
  self->overrun = overrun;
  self->user_data = user_data;

  return self;
}

void
bfy_input_free (BfyInput *self)
{
  if (self == NULL)
    return;

  close_fd (self);
  drop_source (&self->idle);
  g_queue_clear_full (&self->queue, (GDestroyNotify) g_bytes_unref);
  g_free (self);
}

/* FALSE when the pipe is full, or nobody reads it. */
static gboolean
write_first (BfyInput *self)
{
  GBytes *bytes = g_queue_peek_head (&self->queue);
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  gssize n = write (self->fd, data + self->n_written, length - self->n_written);

  if (n < 0 && errno != EAGAIN && errno != EINTR)
    close_fd (self); /* its exit tells the rest */
  if (n < 0)
    return FALSE;
  self->n_written += (gsize) n;
  if (self->n_written < length)
    return FALSE;

  self->n_written = 0;
  self->n_queued -= length;
  g_bytes_unref (g_queue_pop_head (&self->queue));

  return TRUE;
}

static gboolean on_writable (gint fd, GIOCondition condition, gpointer user_data);

static void
write_more (BfyInput *self)
{
  while (self->queue.length > 0 && self->fd >= 0 && write_first (self))
    continue;
  if (self->queue.length == 0)
    drop_source (&self->source);
  else if (self->fd >= 0 && self->source == NULL)
    attach (&self->source, g_unix_fd_source_new (self->fd, G_IO_OUT), G_SOURCE_FUNC (on_writable),
            self);
}

static gboolean
on_writable (gint fd, GIOCondition condition, gpointer user_data)
{
  write_more (user_data);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_overrun (gpointer user_data)
{
  BfyInput *self = user_data;

  return self->overrun (self->user_data);
}

void
bfy_input_send (BfyInput *self, char *line)
{
  gsize length = strlen (line);

  line[length] = '\n'; /* in place of the NUL: the bytes go out with their length */
  if (self->fd < 0)
    {
      g_free (line);
      return;
    }
  self->n_queued += length + 1;
  g_queue_push_tail (&self->queue, g_bytes_new_take (line, length + 1));
  if (self->n_queued > BFY_INPUT_BYTES_MAX && self->idle == NULL)
    attach (&self->idle, g_idle_source_new (), on_overrun, self);
  write_more (self);
}
