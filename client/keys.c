/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/keys.h"

#define ESCAPE 0x1b
#define BELL 0x07
#define DELETE 0x7f
#define SEQUENCE_BYTES_MAX 32 /* no key sends more; a string may be of any length */

static BfyKey
key_of (BfyKeyKind kind)
{
  return (BfyKey){ .kind = kind };
}

/* One byte by itself. */
static BfyKey
read_plain (guint8 byte)
{
  switch (byte)
    {
    case 'C' - '@':
      return key_of (BFY_KEY_INTERRUPT);
    case 'Z' - '@':
      return key_of (BFY_KEY_SUSPEND);
    case 'L' - '@':
      return key_of (BFY_KEY_REDRAW);
    case '\t':
      return key_of (BFY_KEY_TAB);
    case '\r':
    case '\n':
      return key_of (BFY_KEY_ENTER);
    default:
      break;
    }
  if (byte < ' ' || byte >= DELETE)
    return key_of (BFY_KEY_NONE);

  return (BfyKey){ .kind = BFY_KEY_LETTER, .letter = (char) byte };
}

/* The byte that ends a sequence. One with numbers in it (Ctrl-Up) means the same. */
static BfyKey
read_last (guint8 byte)
{
  switch (byte)
    {
    case 'A':
      return key_of (BFY_KEY_UP);
    case 'B':
      return key_of (BFY_KEY_DOWN);
    case 'C':
      return key_of (BFY_KEY_RIGHT);
    case 'D':
      return key_of (BFY_KEY_LEFT);
    case 'Z':
      return key_of (BFY_KEY_BACK_TAB);
    default:
      return key_of (BFY_KEY_NONE);
    }
}

static void
begin (BfyKeys *self, BfyKeysState state)
{
  self->state = state;
  self->n_bytes = 0;
}

static BfyKey
feed_escape (BfyKeys *self, guint8 byte)
{
  if (byte == '[' || byte == 'O')
    begin (self, BFY_KEYS_SEQUENCE);
  else if (byte == ']' || byte == 'P' || byte == '_' || byte == '^' || byte == 'X')
    begin (self, BFY_KEYS_STRING);
  else if (byte != ESCAPE)
    begin (self, BFY_KEYS_PLAIN); /* Alt and a key: neither counts */

  return byte == 'C' - '@' ? key_of (BFY_KEY_INTERRUPT) : key_of (BFY_KEY_NONE);
}

static BfyKey
feed_sequence (BfyKeys *self, guint8 byte)
{
  if (byte == ESCAPE)
    {
      begin (self, BFY_KEYS_ESCAPE);
      return key_of (BFY_KEY_NONE);
    }
  if (byte == '[' && self->n_bytes == 0)
    {
      begin (self, BFY_KEYS_FUNCTION);
      return key_of (BFY_KEY_NONE);
    }
  /* Parameters and what stands between. */
  if (byte >= ' ' && byte <= '?')
    {
      if (++self->n_bytes > SEQUENCE_BYTES_MAX)
        begin (self, BFY_KEYS_PLAIN);
      return key_of (BFY_KEY_NONE);
    }
  begin (self, BFY_KEYS_PLAIN);

  return byte < ' ' ? read_plain (byte) : read_last (byte);
}

BfyKey
bfy_keys_feed (BfyKeys *self, guint8 byte)
{
  switch (self->state)
    {
    case BFY_KEYS_PLAIN:
      break;
    case BFY_KEYS_ESCAPE:
      return feed_escape (self, byte);
    case BFY_KEYS_SEQUENCE:
      return feed_sequence (self, byte);
    case BFY_KEYS_FUNCTION:
      begin (self, BFY_KEYS_PLAIN);
      return key_of (BFY_KEY_NONE);
    case BFY_KEYS_STRING:
      if (byte == BELL || byte == ESCAPE)
        begin (self, byte == BELL ? BFY_KEYS_PLAIN : BFY_KEYS_ESCAPE);
      return byte == 'C' - '@' ? key_of (BFY_KEY_INTERRUPT) : key_of (BFY_KEY_NONE);
    }
  if (byte == ESCAPE)
    {
      begin (self, BFY_KEYS_ESCAPE);
      return key_of (BFY_KEY_NONE);
    }

  return read_plain (byte);
}

void
bfy_keys_reset (BfyKeys *self)
{
  begin (self, BFY_KEYS_PLAIN);
}
