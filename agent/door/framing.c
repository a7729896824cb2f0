/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/framing.h"

#include "protocol/secret.h"

#define TOO_LARGE "The request body is larger than anything that is accepted here"

void
bfy_framing_init (BfyFraming *self, guint64 body_max)
{
  *self = (BfyFraming){ .state = BFY_FRAMING_HEAD, .body_max = body_max };
  self->head = g_byte_array_new ();
}

void
bfy_framing_clear (BfyFraming *self)
{
  g_clear_pointer (&self->head, g_byte_array_unref);
}

gboolean
bfy_framing_is_idle (const BfyFraming *self)
{
  return self->state == BFY_FRAMING_HEAD && self->head->len == 0;
}

gboolean
bfy_framing_is_in_head (const BfyFraming *self)
{
  return self->state == BFY_FRAMING_HEAD && self->head->len > 0;
}

gboolean
bfy_framing_take_head (BfyFraming *self)
{
  gboolean has_new_head = self->has_new_head;

  self->has_new_head = FALSE;

  return has_new_head;
}

const BfyFramingFault *
bfy_framing_get_fault (const BfyFraming *self)
{
  return self->state == BFY_FRAMING_FAULT ? &self->fault : NULL;
}

static void
fail (BfyFraming *self, guint status, const char *message)
{
  self->state = BFY_FRAMING_FAULT;
  self->fault = (BfyFramingFault){ status, message };
}

/* Where the head ends: behind the first LF that follows LF or LF CR. 0: not yet. An empty line that
 * is not CR LF is found too and refused by check_head(). */
static gsize
find_head_end (BfyFraming *self)
{
  const guint8 *bytes = self->head->data;

  for (gsize i = self->n_scanned; i < self->head->len; i++)
    {
      if (bytes[i] != '\n')
        continue;
      if (i == 0 || (i == 1 && bytes[0] == '\r') || bytes[i - 1] == '\n' ||
          (i >= 2 && bytes[i - 1] == '\r' && bytes[i - 2] == '\n'))
        return i + 1;
    }
  self->n_scanned = self->head->len;

  return 0;
}

static void
begin_body (BfyFraming *self, const BfyHead *facts)
{
  self->n_body = 0;
  self->n_digits = 0;
  self->n_left = 0;
  if (facts->n_coding == 1)
    {
      self->state = BFY_FRAMING_CHUNK_SIZE;
    }
  else if (facts->length > 0)
    {
      self->state = BFY_FRAMING_LENGTH_BODY;
      self->n_left = facts->length;
    }
}

/* Returns how many of the new bytes belong to the head. */
static gsize
feed_head (BfyFraming *self, const guint8 *bytes, gsize length, GByteArray *vetted)
{
  gsize n_before = self->head->len;
  gsize n_taken = MIN (length, BFY_HEAD_BYTES_MAX + 1 - n_before);
  gsize head_length;
  BfyHead facts;

  g_byte_array_append (self->head, bytes, n_taken);
  head_length = find_head_end (self);
  if (head_length == 0)
    {
      if (self->head->len > BFY_HEAD_BYTES_MAX)
        fail (self, 431, "The request head is too large");
      return n_taken;
    }
  if (head_length < 4 || self->head->data[head_length - 2] != '\r')
    {
      fail (self, 400, "Header lines must end with CR LF");
      return n_taken;
    }
  if (!bfy_head_check ((const char *) self->head->data, head_length, &facts, &self->fault))
    {
      self->state = BFY_FRAMING_FAULT;
      return n_taken;
    }
  if (facts.length > self->body_max)
    {
      fail (self, 413, TOO_LARGE);
      return n_taken;
    }

  g_byte_array_append (vetted, self->head->data, head_length);
  bfy_wipe (self->head->data, self->head->len); /* may have held a key */
  g_byte_array_set_size (self->head, 0);
  self->n_scanned = 0;
  self->has_new_head = TRUE;
  begin_body (self, &facts);

  return head_length - n_before;
}

static gsize
feed_counted (
    BfyFraming *self, const guint8 *bytes, gsize length, BfyFramingState next, GByteArray *vetted)
{
  gsize n_taken = MIN (length, self->n_left);

  g_byte_array_append (vetted, bytes, n_taken);
  self->n_left -= n_taken;
  if (self->n_left == 0)
    {
      self->state = next;
      self->n_digits = 0;
    }

  return n_taken;
}

/* One byte of "SIZE CR". */
static void
feed_chunk_size (BfyFraming *self, guint8 byte)
{
  if (byte == '\r' && self->n_digits > 0)
    {
      self->state = BFY_FRAMING_CHUNK_SIZE_END;
    }
  else if (g_ascii_isxdigit (byte) && self->n_digits < 8)
    {
      self->n_left = self->n_left * 16 + (guint64) g_ascii_xdigit_value ((gchar) byte);
      self->n_digits++;
    }
  else
    {
      fail (self, 400, "A chunk size is not one to eight hexadecimal digits and CR LF");
    }
}

static void
feed_chunk_size_end (BfyFraming *self, guint8 byte)
{
  self->n_digits = 0;
  self->n_body += self->n_left;
  if (byte != '\n')
    fail (self, 400, "A chunk size is not one to eight hexadecimal digits and CR LF");
  else if (self->n_body > self->body_max)
    fail (self, 413, TOO_LARGE);
  else
    self->state = self->n_left > 0 ? BFY_FRAMING_CHUNK_DATA : BFY_FRAMING_LAST_CHUNK;
}

/* One byte of the CR LF that ends a chunk, or of the empty line that ends the body. */
static void
feed_line_end (BfyFraming *self, guint8 byte, BfyFramingState next)
{
  if (byte != (self->n_digits == 0 ? '\r' : '\n'))
    {
      fail (self, 400, "The chunked body is broken");
    }
  else if (++self->n_digits == 2)
    {
      self->n_digits = 0;
      self->state = next;
    }
}

void
bfy_framing_open (BfyFraming *self)
{
  self->state = BFY_FRAMING_LENGTH_BODY;
  self->n_left = G_MAXUINT64;
}

static gboolean
is_bytewise (BfyFramingState state)
{
  return state == BFY_FRAMING_CHUNK_SIZE || state == BFY_FRAMING_CHUNK_SIZE_END ||
         state == BFY_FRAMING_CHUNK_END || state == BFY_FRAMING_LAST_CHUNK;
}

gsize
bfy_framing_feed (BfyFraming *self, const guint8 *bytes, gsize length, GByteArray *vetted)
{
  gsize n_taken = 0;
  gboolean has_ended = FALSE;

  while (n_taken < length && !has_ended)
    {
      BfyFramingState before = self->state;

      switch (before)
        {
        case BFY_FRAMING_HEAD:
          n_taken += feed_head (self, bytes + n_taken, length - n_taken, vetted);
          has_ended = self->has_new_head;
          break;
        case BFY_FRAMING_LENGTH_BODY:
          n_taken +=
              feed_counted (self, bytes + n_taken, length - n_taken, BFY_FRAMING_HEAD, vetted);
          has_ended = self->state == BFY_FRAMING_HEAD;
          break;
        case BFY_FRAMING_CHUNK_DATA:
          n_taken +=
              feed_counted (self, bytes + n_taken, length - n_taken, BFY_FRAMING_CHUNK_END, vetted);
          break;
        case BFY_FRAMING_CHUNK_SIZE:
          feed_chunk_size (self, bytes[n_taken]);
          break;
        case BFY_FRAMING_CHUNK_SIZE_END:
          feed_chunk_size_end (self, bytes[n_taken]);
          break;
        case BFY_FRAMING_CHUNK_END:
          feed_line_end (self, bytes[n_taken], BFY_FRAMING_CHUNK_SIZE);
          break;
        case BFY_FRAMING_LAST_CHUNK:
          feed_line_end (self, bytes[n_taken], BFY_FRAMING_HEAD);
          has_ended = self->state == BFY_FRAMING_HEAD;
          break;
        case BFY_FRAMING_FAULT:
          return n_taken;
        }
      if (is_bytewise (before))
        n_taken++;
    }

  return n_taken;
}
