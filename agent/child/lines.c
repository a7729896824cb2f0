/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/lines.h"

#include <string.h>

#include "protocol/secret.h"

#define KEPT_BYTES_MAX (64 * 1024) /* of an empty buffer; a larger one is given back */

struct _BfyLines
{
  gsize bytes_max;
  BfyLineFunc func;
  gpointer user_data;
  GString *buffer; /* (owned) of the unfinished line */
  gboolean is_dropping;
};

BfyLines *
bfy_lines_new (gsize bytes_max, BfyLineFunc func, gpointer user_data)
{
  BfyLines *self = g_new0 (BfyLines, 1);

  self->bytes_max = bytes_max;
  self->func = func;
  self->user_data = user_data;
  self->buffer = g_string_new (NULL);

  return self;
}

static void
clear (BfyLines *self)
{
  bfy_wipe (self->buffer->str, self->buffer->len);
  if (self->buffer->allocated_len <= KEPT_BYTES_MAX)
    {
      g_string_truncate (self->buffer, 0);
      return;
    }
  g_string_free (self->buffer, TRUE);
  self->buffer = g_string_new (NULL);
}

void
bfy_lines_free (BfyLines *self)
{
  if (self == NULL)
    return;

  clear (self);
  g_string_free (self->buffer, TRUE);
  g_free (self);
}

static void
report (BfyLines *self, const char *line, gsize length, gboolean was_cut)
{
  if (!was_cut && length > 0 && line[length - 1] == '\r')
    length--;
  self->func (line, length, was_cut, self->user_data);
}

/* A piece of a line without its end. */
static void
take_piece (BfyLines *self, const char *bytes, gsize length)
{
  gsize room = self->bytes_max - self->buffer->len;

  if (self->is_dropping)
    return;
  if (length <= room)
    {
      g_string_append_len (self->buffer, bytes, (gssize) length);
      return;
    }

  g_string_append_len (self->buffer, bytes, (gssize) room);
  self->is_dropping = TRUE;
  report (self, self->buffer->str, self->buffer->len, TRUE);
  clear (self);
}

static void
end_line (BfyLines *self)
{
  if (!self->is_dropping)
    report (self, self->buffer->str, self->buffer->len, FALSE);
  self->is_dropping = FALSE;
  clear (self);
}

void
bfy_lines_feed (BfyLines *self, const char *bytes, gsize length)
{
  const char *end = bytes + length;

  while (bytes < end)
    {
      const char *stop = memchr (bytes, '\n', (gsize) (end - bytes));

      if (stop == NULL)
        {
          take_piece (self, bytes, (gsize) (end - bytes));
          return;
        }
      /* The common case: a whole line in one piece is not copied. */
      if (self->buffer->len == 0 && !self->is_dropping && (gsize) (stop - bytes) <= self->bytes_max)
        {
          report (self, bytes, (gsize) (stop - bytes), FALSE);
        }
      else
        {
          take_piece (self, bytes, (gsize) (stop - bytes));
          end_line (self);
        }
      bytes = stop + 1;
    }
}

void
bfy_lines_finish (BfyLines *self)
{
  if (self->buffer->len > 0 || self->is_dropping)
    end_line (self);
}
