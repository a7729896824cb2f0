/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <string.h>

#include "protocol/leak-private.h"

/* What building and looking share; leak-index.c explains it. */

#define BFY_LEAK_FOLD_BYTE 0x20
#define BFY_LEAK_FOLD_WORD 0x2020202020202020
#define BFY_LEAK_N_KEYS 3
#define BFY_LEAK_NO_PATTERN G_MAXUINT32

typedef struct
{
  guint32 check; /* of the window */
  guint32 first; /* pattern that begins with it, or BFY_LEAK_NO_PATTERN */
} BfyLeakRun;

struct _BfyLeakIndex
{
  GArray *array;            /* (owned) (element-type BfyLeakPattern) */
  BfyLeakPattern *patterns; /* the same */
  guint n_patterns;
  gsize word;              /* 8 or 4 */
  guint8 *offsets;         /* (owned) by the hash of a word */
  guint offsets_shift;     /* from a hash to its slot */
  BfyLeakRun *runs;        /* (owned) (nullable) by the hash of a window; open addresses */
  guint runs_mask;         /* their number less one */
  BfySecret *keys;         /* (owned) BFY_LEAK_N_KEYS random words */
  const guint8 *key_bytes; /* in there, not aligned */
};

static inline gsize
bfy_leak_window (const BfyLeakIndex *self)
{
  return 2 * self->word - 1;
}

static inline guint64
bfy_leak_get_key (const BfyLeakIndex *self, gsize i)
{
  guint64 key;

  memcpy (&key, self->key_bytes + i * sizeof key, sizeof key);

  return key | 1; /* an even number would lose bits of what is multiplied by it */
}

static inline guint64
bfy_leak_load (const guint8 *bytes, gsize word)
{
  guint64 eight;
  guint32 four;

  if (word == sizeof eight)
    {
      memcpy (&eight, bytes, sizeof eight);
      return eight | BFY_LEAK_FOLD_WORD;
    }
  memcpy (&four, bytes, sizeof four);

  return four | (guint32) BFY_LEAK_FOLD_WORD;
}

static inline gsize
bfy_leak_slot_of_word (guint64 word, guint64 key, guint shift)
{
  return (gsize) ((word * key) >> shift);
}

/* Its first word and its last, which share a byte. */
static inline guint32
bfy_leak_hash_window (const BfyLeakIndex *self, const guint8 *bytes, gsize word)
{
  guint64 sum = bfy_leak_load (bytes, word) * bfy_leak_get_key (self, 1);

  sum += bfy_leak_load (bytes + word - 1, word) * bfy_leak_get_key (self, 2);

  return (guint32) (sum >> 32);
}

/* How many bytes at the beginning are the same but for bit 5. */
static inline gsize
bfy_leak_count_shared (const guint8 *a, const guint8 *b, gsize max)
{
  gsize n = 0;

  while (max - n >= sizeof (guint64) && bfy_leak_load (a + n, 8) == bfy_leak_load (b + n, 8))
    n += sizeof (guint64);
  while (n < max && (a[n] | BFY_LEAK_FOLD_BYTE) == (b[n] | BFY_LEAK_FOLD_BYTE))
    n++;

  return n;
}
