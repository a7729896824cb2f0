/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/outlet.h"

#include <errno.h>
#include <glib-unix.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

/* Written without a look at other sources in between. */
#define BURST_BYTES (256 * 1024)

struct _BfyOutlet
{
  int fd;
  gsize high_water_bytes;
  BfyOutletFunc func;
  gpointer user_data;
  GQueue lines;      /* (element-type GString) (owned) */
  gsize n_written;   /* of the first line */
  gsize n_bytes;     /* waiting in all */
  guint source_id;   /* 0 while nothing waits */
  gboolean was_full; /* somebody was told to stop */
  gboolean is_broken;
};

static void
free_line (gpointer line)
{
  g_string_free (line, TRUE);
}

/* TRUE when a write of up to PIPE_BUF bytes will not block: POSIX promises it for pipes, and
 * sockets report room only when much more is free. */
static gboolean
has_room (int fd)
{
  struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };

  return poll (&poll_fd, 1, 0) > 0;
}

static void
give_up (BfyOutlet *self)
{
  self->is_broken = TRUE;
  self->n_bytes = 0;
  self->n_written = 0;
  g_queue_clear_full (&self->lines, free_line);
}

static void
advance (BfyOutlet *self, gsize n)
{
  const GString *line = g_queue_peek_head (&self->lines);

  self->n_written += n;
  self->n_bytes -= n;
  if (self->n_written == line->len)
    {
      free_line (g_queue_pop_head (&self->lines));
      self->n_written = 0;
    }
}

/* Writes until the reader is slow, nothing waits or the burst is over. */
static void
write_some (BfyOutlet *self)
{
  gsize n_burst = 0;

  while (!g_queue_is_empty (&self->lines) && n_burst < BURST_BYTES && has_room (self->fd))
    {
      const GString *line = g_queue_peek_head (&self->lines);
      gsize n_wanted = MIN (line->len - self->n_written, (gsize) PIPE_BUF);
      gssize n = write (self->fd, line->str + self->n_written, n_wanted);

      if (n < 0 && errno == EAGAIN)
        return;
      if (n < 0 && errno != EINTR)
        {
          give_up (self);
          return;
        }
      if (n > 0)
        {
          advance (self, (gsize) n);
          n_burst += (gsize) n;
        }
    }
}

static void
tell (BfyOutlet *self)
{
  if (self->is_broken)
    {
      self->func (BFY_OUTLET_BROKEN, self->user_data);
      return;
    }
  if (g_queue_is_empty (&self->lines) || (self->was_full && !bfy_outlet_is_full (self)))
    {
      self->was_full = FALSE;
      self->func (BFY_OUTLET_DRAINED, self->user_data);
    }
}

static gboolean
on_writable (int fd, GIOCondition condition, gpointer user_data)
{
  BfyOutlet *self = user_data;
  gboolean goes_on;

  write_some (self);
  goes_on = !g_queue_is_empty (&self->lines);
  if (!goes_on)
    self->source_id = 0;
  tell (self);
  return goes_on;
}

void
bfy_outlet_push_take (BfyOutlet *self, GString *line)
{
  if (self->is_broken)
    {
      free_line (line);
      return;
    }

  g_string_append_c (line, '\n');
  self->n_bytes += line->len;
  self->was_full = bfy_outlet_is_full (self);
  g_queue_push_tail (&self->lines, line);
  if (self->source_id != 0)
    return;

  write_some (self);
  /* A broken pipe found here is told from the main loop, so that @func never runs inside a push. */
  if (!g_queue_is_empty (&self->lines) || self->is_broken)
    self->source_id = g_unix_fd_add (self->fd, G_IO_OUT | G_IO_ERR | G_IO_HUP, on_writable, self);
}

gboolean
bfy_outlet_is_full (const BfyOutlet *self)
{
  return self->n_bytes > (self->was_full ? self->high_water_bytes / 2 : self->high_water_bytes);
}

gboolean
bfy_outlet_is_empty (const BfyOutlet *self)
{
  return self->n_bytes == 0;
}

BfyOutlet *
bfy_outlet_new (int fd, gsize high_water_bytes, BfyOutletFunc func, gpointer user_data)
{
  BfyOutlet *self = g_new0 (BfyOutlet, 1);

  self->fd = fd;
  self->high_water_bytes = high_water_bytes;
  self->func = func;
  self->user_data = user_data;
  g_queue_init (&self->lines);
  return self;
}

void
bfy_outlet_free (BfyOutlet *self)
{
  g_clear_handle_id (&self->source_id, g_source_remove);
  g_queue_clear_full (&self->lines, free_line);
  g_free (self);
}
