/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Finds the ends of lines only; what an event says is the parser's business, which is fed each
 * piece when it is whole. Both take CR, LF and CR LF for the end of a line, so that a piece never
 * holds more than one event. */

#include "protocol/sse-cutter.h"

#include <string.h>

#include "protocol/error.h"

#define KEPT_BYTES_MAX (64 * 1024) /* a buffer that grew beyond is given back after the piece */

struct _BfySseCutter
{
  gsize event_bytes_max;
  BfySseCutterFunc func;
  gpointer user_data;

  BfySseParser *parser; /* (owned) */
  GString *held;        /* (owned) the unfinished piece */
  gsize line_start;     /* of the unfinished line in it */
  gboolean has_field;   /* the piece is more than comments */
  gboolean after_cr;    /* a LF next belongs to the line before */
  gboolean is_told;     /* the parser has found an event in the piece */
  gboolean is_dead;
};

static void
on_event (const BfySseEvent *event, gpointer user_data)
{
  BfySseCutter *self = user_data;

  self->is_told = TRUE;
  self->func (self->held->str, self->held->len, event, self->user_data);
}

BfySseCutter *
bfy_sse_cutter_new (gsize event_bytes_max, BfySseCutterFunc func, gpointer user_data)
{
  BfySseCutter *self = g_new0 (BfySseCutter, 1);

  self->event_bytes_max = event_bytes_max;
  self->func = func;
  self->user_data = user_data;
  self->held = g_string_new (NULL);
  self->parser = bfy_sse_parser_new (event_bytes_max, on_event, self);

  return self;
}

void
bfy_sse_cutter_free (BfySseCutter *self)
{
  if (self == NULL)
    return;

  bfy_sse_parser_free (self->parser);
  g_string_free (self->held, TRUE);
  g_free (self);
}

static void
empty (BfySseCutter *self)
{
  if (self->held->allocated_len <= KEPT_BYTES_MAX)
    {
      g_string_truncate (self->held, 0);
    }
  else
    {
      g_string_free (self->held, TRUE);
      self->held = g_string_new (NULL);
    }
  self->line_start = 0;
  self->has_field = FALSE;
}

static gboolean
hand_out (BfySseCutter *self, GError **error)
{
  self->is_told = FALSE;
  if (!bfy_sse_parser_feed (self->parser, self->held->str, self->held->len, error))
    return FALSE;
  if (!self->is_told)
    self->func (self->held->str, self->held->len, NULL, self->user_data);
  empty (self);

  return TRUE;
}

/* The held bytes end with a whole line of @length bytes and its end. */
static gboolean
end_line (BfySseCutter *self, gsize length, GError **error)
{
  gboolean is_comment = self->held->str[self->line_start] == ':';

  if (length == 0 || (is_comment && !self->has_field))
    return hand_out (self, error);

  self->has_field = TRUE;
  self->line_start = self->held->len;

  return TRUE;
}

static gboolean
keep (BfySseCutter *self, const char *bytes, gsize length, GError **error)
{
  if (length > self->event_bytes_max || self->held->len > self->event_bytes_max - length)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_RESPONSE_TOO_LARGE,
                   "An event of the stream is larger than %" G_GSIZE_FORMAT " bytes",
                   self->event_bytes_max);
      return FALSE;
    }
  g_string_append_len (self->held, bytes, (gssize) length);

  return TRUE;
}

/* The second half of a CR LF: with the piece before it already gone it is one by itself. */
static gboolean
take_second_half (BfySseCutter *self, const char **bytes, gsize *length, GError **error)
{
  (*bytes)++;
  (*length)--;
  if (!keep (self, "\n", 1, error))
    return FALSE;
  self->line_start = self->held->len;

  return self->held->len > 1 || hand_out (self, error);
}

static gsize
line_length (const char *bytes, gsize length)
{
  gsize n = 0;

  while (n < length && bytes[n] != '\n' && bytes[n] != '\r')
    n++;

  return n;
}

/* Takes as much as makes a line, or all there is. */
static gboolean
take_line (BfySseCutter *self, const char **bytes, gsize *length, GError **error)
{
  gsize n = line_length (*bytes, *length);
  gboolean has_end = n < *length;
  gsize taken = n + (has_end ? 1 : 0);
  const char *start = *bytes;

  *bytes += taken;
  *length -= taken;
  if (!keep (self, start, taken, error))
    return FALSE;
  if (!has_end)
    return TRUE;
  self->after_cr = start[n] == '\r';

  return end_line (self, self->held->len - self->line_start - 1, error);
}

static gboolean
take (BfySseCutter *self, const char *bytes, gsize length, GError **error)
{
  while (length > 0)
    {
      gboolean is_second_half = self->after_cr && *bytes == '\n';

      self->after_cr = FALSE;
      if (is_second_half ? !take_second_half (self, &bytes, &length, error)
                         : !take_line (self, &bytes, &length, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
bfy_sse_cutter_feed (BfySseCutter *self, const char *bytes, gsize length, GError **error)
{
  if (self->is_dead)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_RESPONSE_TOO_LARGE,
                           "The stream was given up after too large an event");
      return FALSE;
    }
  self->is_dead = !take (self, bytes, length, error);

  return !self->is_dead;
}
