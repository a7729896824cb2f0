/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/inlet.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_BYTES (64 * 1024)

struct _BfyInlet
{
  int fd;
  gsize line_bytes_max;
  BfyInletFunc func;
  gpointer user_data;
  GByteArray *partial; /* (owned) a line whose LF has not come yet */
  guint source_id;     /* 0 while paused, stopped or ended */
  gboolean is_skipping;
  gboolean is_stopped;
};

static void
emit (BfyInlet *self, BfyInletEvent event, const char *line, gsize length)
{
  if (!self->is_stopped)
    self->func (event, line, length, self->user_data);
}

static void
finish_line (BfyInlet *self, const char *bytes, gsize length)
{
  if (self->is_skipping || length > self->line_bytes_max - self->partial->len)
    {
      emit (self, BFY_INLET_TOO_LONG, NULL, 0);
    }
  else if (self->partial->len == 0)
    {
      emit (self, BFY_INLET_LINE, bytes, length);
    }
  else
    {
      g_byte_array_append (self->partial, (const guint8 *) bytes, (guint) length);
      emit (self, BFY_INLET_LINE, (const char *) self->partial->data, self->partial->len);
    }

  self->is_skipping = FALSE;
  /* A large line's memory is not kept for the small ones that follow. */
  if (self->partial->len > CHUNK_BYTES)
    {
      g_byte_array_unref (self->partial);
      self->partial = g_byte_array_new ();
    }
  g_byte_array_set_size (self->partial, 0);
}

static void
keep_partial (BfyInlet *self, const char *bytes, gsize length)
{
  if (self->is_skipping)
    return;

  if (length > self->line_bytes_max - self->partial->len)
    {
      self->is_skipping = TRUE;
      g_byte_array_set_size (self->partial, 0);
      return;
    }

  g_byte_array_append (self->partial, (const guint8 *) bytes, (guint) length);
}

static void
split (BfyInlet *self, const char *bytes, gsize length)
{
  const char *end = bytes + length;
  const char *at = bytes;

  while (at < end)
    {
      const char *stop = memchr (at, '\n', (gsize) (end - at));

      if (stop == NULL)
        {
          keep_partial (self, at, (gsize) (end - at));
          return;
        }
      finish_line (self, at, (gsize) (stop - at));
      at = stop + 1;
    }
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  BfyInlet *self = user_data;
  char chunk[CHUNK_BYTES];
  gssize n = read (fd, chunk, sizeof chunk);

  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  if (n > 0)
    {
      split (self, chunk, (gsize) n);
      /* The callback may have paused us, which has already removed the source. */
      return G_SOURCE_CONTINUE;
    }

  self->source_id = 0;
  if (self->partial->len > 0 || self->is_skipping)
    finish_line (self, "", 0);
  emit (self, BFY_INLET_END, NULL, 0);
  self->is_stopped = TRUE;
  return G_SOURCE_REMOVE;
}

void
bfy_inlet_set_paused (BfyInlet *self, gboolean is_paused)
{
  if (is_paused && self->source_id != 0)
    {
      g_source_remove (self->source_id);
      self->source_id = 0;
    }
  else if (!is_paused && self->source_id == 0 && !self->is_stopped)
    {
      self->source_id = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);
    }
}

void
bfy_inlet_stop (BfyInlet *self)
{
  bfy_inlet_set_paused (self, TRUE);
  self->is_stopped = TRUE;
}

BfyInlet *
bfy_inlet_new (int fd, gsize line_bytes_max, BfyInletFunc func, gpointer user_data)
{
  BfyInlet *self = g_new0 (BfyInlet, 1);

  self->fd = fd;
  self->line_bytes_max = line_bytes_max;
  self->func = func;
  self->user_data = user_data;
  self->partial = g_byte_array_new ();
  bfy_inlet_set_paused (self, FALSE);
  return self;
}

void
bfy_inlet_free (BfyInlet *self)
{
  bfy_inlet_stop (self);
  g_byte_array_unref (self->partial);
  g_free (self);
}
