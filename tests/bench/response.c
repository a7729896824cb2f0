/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "response.h"

#include <string.h>

void
bench_response_init (BenchResponse *self)
{
  self->state = BENCH_RESPONSE_HEAD;
  self->status = 0;
  self->closes = FALSE;
  self->n_left = 0;
  self->n_marks = 0;
  self->n_head = 0;
}

/* The value of a field in the head, which ends with a NUL; NULL if it is not there. */
static const char *
find_field (const char *head, const char *name)
{
  gsize length = strlen (name);

  for (const char *line = strstr (head, "\r\n"); line != NULL; line = strstr (line + 2, "\r\n"))
    {
      if (g_ascii_strncasecmp (line + 2, name, length) == 0 && line[2 + length] == ':')
        return line + 3 + length + strspn (line + 3 + length, " ");
    }

  return NULL;
}

static void
begin_body (BenchResponse *self)
{
  const char *length = find_field (self->head, "content-length");
  const char *coding = find_field (self->head, "transfer-encoding");
  const char *connection = find_field (self->head, "connection");

  if (strncmp (self->head, "HTTP/1.", 7) != 0)
    {
      self->state = BENCH_RESPONSE_BROKEN;
      return;
    }
  self->status = (guint) g_ascii_strtoull (self->head + 9, NULL, 10);
  self->closes = connection != NULL && g_ascii_strncasecmp (connection, "close", 5) == 0;
  self->n_left = length != NULL ? g_ascii_strtoull (length, NULL, 10) : 0;
  if (coding != NULL && g_ascii_strncasecmp (coding, "chunked", 7) == 0)
    self->state = BENCH_RESPONSE_CHUNK_SIZE;
  else
    self->state = self->n_left > 0 ? BENCH_RESPONSE_COUNTED : BENCH_RESPONSE_DONE;
  self->n_left = self->state == BENCH_RESPONSE_COUNTED ? self->n_left : 0;
}

static gsize
feed_head (BenchResponse *self, const char *bytes, gsize length)
{
  gsize before = self->n_head;
  gsize n = MIN (length, BENCH_HEAD_MAX - 1 - before);
  char *end;

  memcpy (self->head + before, bytes, n);
  self->n_head += n;
  self->head[self->n_head] = '\0';
  end = strstr (self->head, "\r\n\r\n");
  if (end == NULL)
    {
      self->state = self->n_head == BENCH_HEAD_MAX - 1 ? BENCH_RESPONSE_BROKEN : self->state;
      return n;
    }

  self->n_head = (gsize) (end + 4 - self->head);
  self->head[self->n_head - 2] = '\0';
  begin_body (self);

  return self->n_head - before;
}

static gsize
feed_data (BenchResponse *self, const char *bytes, gsize length, BenchBodyFunc func, gpointer data)
{
  gsize n = MIN (length, self->n_left);

  if (func != NULL)
    func (bytes, n, data);
  self->n_left -= n;
  if (self->n_left == 0)
    self->state =
        self->state == BENCH_RESPONSE_COUNTED ? BENCH_RESPONSE_DONE : BENCH_RESPONSE_CHUNK_END;

  return n;
}

static void
feed_size (BenchResponse *self, char byte)
{
  if (g_ascii_isxdigit (byte))
    self->n_left = self->n_left * 16 + (guint64) g_ascii_xdigit_value (byte);
  else if (byte == '\n')
    self->state = self->n_left > 0 ? BENCH_RESPONSE_CHUNK_DATA : BENCH_RESPONSE_LAST;
}

static void
feed_line_end (BenchResponse *self, BenchResponseState next)
{
  if (++self->n_marks < 2)
    return;

  self->n_marks = 0;
  self->state = next;
}

gsize
bench_response_feed (
    BenchResponse *self, const char *bytes, gsize length, BenchBodyFunc func, gpointer user_data)
{
  gsize n = 0;

  while (n < length && self->state < BENCH_RESPONSE_DONE)
    {
      switch (self->state)
        {
        case BENCH_RESPONSE_HEAD:
          n += feed_head (self, bytes + n, length - n);
          break;
        case BENCH_RESPONSE_COUNTED:
        case BENCH_RESPONSE_CHUNK_DATA:
          n += feed_data (self, bytes + n, length - n, func, user_data);
          break;
        case BENCH_RESPONSE_CHUNK_SIZE:
          feed_size (self, bytes[n++]);
          break;
        case BENCH_RESPONSE_CHUNK_END:
          feed_line_end (self, BENCH_RESPONSE_CHUNK_SIZE);
          n++;
          break;
        case BENCH_RESPONSE_LAST:
          feed_line_end (self, BENCH_RESPONSE_DONE);
          n++;
          break;
        case BENCH_RESPONSE_DONE:
        case BENCH_RESPONSE_BROKEN:
          break;
        }
    }

  return n;
}
