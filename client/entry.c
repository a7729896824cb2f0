/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/entry.h"

#define KEY_INTERRUPT 0x03
#define KEY_END 0x04
#define KEY_BACKSPACE 0x08
#define KEY_KILL 0x15
#define KEY_WORD 0x17
#define KEY_ESCAPE 0x1b
#define KEY_DELETE 0x7f

typedef enum
{
  ESCAPE_NONE,
  ESCAPE_BEGUN,    /* after ESC */
  ESCAPE_SEQUENCE, /* after ESC [ or ESC O, up to its final byte */
} EscapeState;

struct _BfyEntry
{
  BfySecret *buffer; /* (owned) the memory behind bytes */
  guint8 *bytes;
  gsize length;
  EscapeState escape;
};

BfyEntry *
bfy_entry_new (void)
{
  BfyEntry *self = g_new0 (BfyEntry, 1);

  self->buffer = bfy_secret_new_blank (BFY_SECRET_BYTES_MAX, &self->bytes);
  return self;
}

void
bfy_entry_free (BfyEntry *self)
{
  bfy_secret_unref (self->buffer);
  g_free (self);
}

/* TRUE when the byte belongs to an escape sequence. */
static gboolean
skip_escape (BfyEntry *self, guint8 byte)
{
  switch (self->escape)
    {
    case ESCAPE_NONE:
      if (byte != KEY_ESCAPE)
        return FALSE;
      self->escape = ESCAPE_BEGUN;
      return TRUE;
    case ESCAPE_BEGUN:
      self->escape = byte == '[' || byte == 'O' ? ESCAPE_SEQUENCE : ESCAPE_NONE;
      return self->escape == ESCAPE_SEQUENCE;
    case ESCAPE_SEQUENCE:
      if (byte >= 0x40 && byte <= 0x7e)
        self->escape = ESCAPE_NONE;
      return TRUE;
    }

  return FALSE;
}

static void
take_back (BfyEntry *self)
{
  /* A character of UTF-8 goes as a whole. */
  while (self->length > 0 && (self->bytes[self->length - 1] & 0xc0) == 0x80)
    self->bytes[--self->length] = 0;
  if (self->length > 0)
    self->bytes[--self->length] = 0;
}

static void
clear (BfyEntry *self)
{
  bfy_wipe (self->bytes, self->length);
  self->length = 0;
}

static BfyEntryState
append (BfyEntry *self, guint8 byte)
{
  if (byte < 0x20)
    return BFY_ENTRY_MORE;
  if (self->length == BFY_SECRET_BYTES_MAX)
    return BFY_ENTRY_TOO_LONG;

  self->bytes[self->length++] = byte;
  return BFY_ENTRY_MORE;
}

BfyEntryState
bfy_entry_feed (BfyEntry *self, guint8 byte)
{
  if (skip_escape (self, byte))
    return BFY_ENTRY_MORE;

  switch (byte)
    {
    case '\n':
    case '\r':
      return BFY_ENTRY_DONE;
    case KEY_INTERRUPT:
      return BFY_ENTRY_CANCELLED;
    case KEY_END:
      return self->length > 0 ? BFY_ENTRY_DONE : BFY_ENTRY_CANCELLED;
    case KEY_BACKSPACE:
    case KEY_DELETE:
      take_back (self);
      return BFY_ENTRY_MORE;
    case KEY_KILL:
    case KEY_WORD:
      clear (self);
      return BFY_ENTRY_MORE;
    default:
      return append (self, byte);
    }
}

BfySecret *
bfy_entry_take (BfyEntry *self)
{
  gsize start = 0;
  gsize stop = self->length;

  while (start < stop && g_ascii_isspace (self->bytes[start]))
    start++;
  while (stop > start && g_ascii_isspace (self->bytes[stop - 1]))
    stop--;

  return stop > start ? bfy_secret_new (self->bytes + start, stop - start) : NULL;
}
