/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A text is read in words of eight bytes, each once. Whatever stands in it and is at least fifteen
 * bytes long, the window, has one of these words among its first fifteen, at one of eight offsets.
 * So for each pattern its eight words that lie in its window are put into a table: by the hash of a
 * word it tells at which offsets a pattern may have it, one bit for each. Nearly all words of
 * nearly all texts have no bit, and are done with.
 *
 * For each bit the window around the word is looked up in a second table, which leads to the first
 * of the patterns that begin with it. These lie side by side, because patterns are sorted, and are
 * compared together: each knows how much it shares with the one before, so that no byte of the text
 * is compared twice and the number of patterns matters little. Tokens of one vendor begin with the
 * same letters, and a text that is full of these must not be slow.
 *
 * If there are patterns that are shorter than fifteen bytes, words are of four bytes and windows of
 * seven.
 *
 * Case is folded by setting bit 5 of every byte, which folds more than letters: the last comparison
 * is exact.
 *
 * The patterns lie in secret memory. The two tables are too large for that and lie in ordinary
 * memory. They hold hashes of words and windows, and such a hash is as good as the bytes to whoever
 * can compute it; so both are keyed with random numbers that lie in secret memory. Without them the
 * tables tell how many patterns there are, and the array of patterns how long they are and what
 * they have in common. */

#include <openssl/rand.h>
#include <string.h>

#include "protocol/leak-private.h"

#define FOLD_BYTE 0x20
#define FOLD_WORD 0x2020202020202020
#define SLOTS_PER_WORD 8 /* of the table of words, at least, until it is as large as it may be */
#define WORD_TABLE_BITS_MIN 10
#define WORD_TABLE_BITS_MAX 20
#define N_KEYS 3
#define NO_PATTERN G_MAXUINT32

typedef struct
{
  guint32 check; /* of the window */
  guint32 first; /* pattern that begins with it, or NO_PATTERN */
} Run;

struct _BfyLeakIndex
{
  GArray *array;            /* (owned) (element-type BfyLeakPattern) */
  BfyLeakPattern *patterns; /* the same */
  guint n_patterns;
  gsize word;          /* 8 or 4 */
  guint8 *offsets;     /* (owned) by the hash of a word */
  guint offsets_shift; /* from a hash to its slot */
  Run *runs;           /* (owned) (nullable) by the hash of a window; open addresses */
  guint runs_mask;     /* their number less one */
  BfySecret *keys;     /* (owned) */
};

typedef struct
{
  const guint8 *bytes;
  gsize length;
  gsize from;
  gboolean may_go_on;
} Text;

static inline guint64
get_key (const BfyLeakIndex *self, gsize i)
{
  guint64 key;

  memcpy (&key, bfy_secret_peek (self->keys, NULL) + i * sizeof key, sizeof key);

  return key | 1; /* an even number would lose bits of what is multiplied by it */
}

static inline guint64
load (const guint8 *bytes, gsize word)
{
  guint64 eight;
  guint32 four;

  if (word == sizeof eight)
    {
      memcpy (&eight, bytes, sizeof eight);
      return eight | FOLD_WORD;
    }
  memcpy (&four, bytes, sizeof four);

  return four | (guint32) FOLD_WORD;
}

static inline gsize
slot_of_word (guint64 word, guint64 key, guint shift)
{
  return (gsize) ((word * key) >> shift);
}

/* Its first word and its last, which share a byte. */
static inline guint32
hash_window (const BfyLeakIndex *self, const guint8 *bytes, gsize word)
{
  guint64 sum = load (bytes, word) * get_key (self, 1);

  sum += load (bytes + word - 1, word) * get_key (self, 2);

  return (guint32) (sum >> 32);
}

/* How many bytes at the beginning are the same but for bit 5. */
static gsize
count_shared (const guint8 *a, const guint8 *b, gsize max)
{
  gsize n = 0;

  while (max - n >= sizeof (guint64) && load (a + n, 8) == load (b + n, 8))
    n += sizeof (guint64);
  while (n < max && (a[n] | FOLD_BYTE) == (b[n] | FOLD_BYTE))
    n++;

  return n;
}

/* What was the same but for bit 5 is so indeed. */
static gboolean
is_same (const BfyLeakPattern *pattern, const guint8 *text, gsize length)
{
  if (pattern->minds_case)
    return memcmp (pattern->bytes, text, length) == 0;

  for (gsize i = 0; i < length; i++)
    if (pattern->bytes[i] != text[i] && !g_ascii_isalpha (text[i]))
      return FALSE;

  return TRUE;
}

static int
compare_patterns (gconstpointer a, gconstpointer b)
{
  const BfyLeakPattern *left = a;
  const BfyLeakPattern *right = b;
  gsize n = MIN (left->length, right->length);
  gsize shared = count_shared (left->bytes, right->bytes, n);

  if (shared < n)
    return (left->bytes[shared] | FOLD_BYTE) - (right->bytes[shared] | FOLD_BYTE);
  if (left->length != right->length)
    return left->length < right->length ? -1 : 1;

  return (left->tag > right->tag) - (left->tag < right->tag);
}

static void
sort_patterns (BfyLeakIndex *self)
{
  g_array_sort (self->array, compare_patterns);
  for (guint i = 1; i < self->n_patterns; i++)
    {
      const BfyLeakPattern *before = &self->patterns[i - 1];
      BfyLeakPattern *pattern = &self->patterns[i];
      gsize n = MIN (before->length, pattern->length);

      pattern->shared = (guint) count_shared (before->bytes, pattern->bytes, n);
    }
  for (guint i = self->n_patterns; i-- > 0;)
    {
      guint next = i + 1;

      while (next < self->n_patterns && self->patterns[next].shared >= self->patterns[i].shared)
        next = self->patterns[next].next;
      self->patterns[i].next = next;
    }
}

static void
make_keys (BfyLeakIndex *self)
{
  guint8 *bytes;

  self->keys = bfy_secret_new_blank (N_KEYS * sizeof (guint64), &bytes);
  if (RAND_bytes (bytes, N_KEYS * sizeof (guint64)) != 1)
    g_warning ("No random bytes for the hash of secrets");
}

static void
make_word_table (BfyLeakIndex *self)
{
  guint64 n_wanted = (guint64) self->n_patterns * self->word * SLOTS_PER_WORD;
  guint64 key = get_key (self, 0);
  guint bits = WORD_TABLE_BITS_MIN;

  while (bits < WORD_TABLE_BITS_MAX && (guint64) 1 << bits < n_wanted)
    bits++;
  self->offsets_shift = 64 - bits;
  self->offsets = g_malloc0 ((gsize) 1 << bits);
  for (guint i = 0; i < self->n_patterns; i++)
    for (gsize offset = 0; offset < self->word; offset++)
      {
        guint64 word = load (self->patterns[i].bytes + offset, self->word);

        self->offsets[slot_of_word (word, key, self->offsets_shift)] |= (guint8) (1U << offset);
      }
}

static void
make_run_table (BfyLeakIndex *self)
{
  gsize window = bfy_leak_index_get_window (self);
  guint n_slots = 2;

  while (n_slots < 2 * self->n_patterns)
    n_slots *= 2;
  self->runs_mask = n_slots - 1;
  self->runs = g_new (Run, n_slots);
  for (guint i = 0; i < n_slots; i++)
    self->runs[i].first = NO_PATTERN;
  for (guint i = 0; i < self->n_patterns; i++)
    {
      guint32 hash = hash_window (self, self->patterns[i].bytes, self->word);
      guint slot = hash & self->runs_mask;

      if (i > 0 && self->patterns[i].shared >= window)
        continue;
      while (self->runs[slot].first != NO_PATTERN)
        slot = (slot + 1) & self->runs_mask;
      self->runs[slot].check = hash;
      self->runs[slot].first = i;
    }
}

BfyLeakIndex *
bfy_leak_index_new_take (GArray *patterns)
{
  BfyLeakIndex *self = g_new0 (BfyLeakIndex, 1);

  self->array = patterns;
  self->patterns = (BfyLeakPattern *) (gpointer) patterns->data;
  self->n_patterns = patterns->len;
  self->word = 8;
  for (guint i = 0; i < self->n_patterns; i++)
    if (self->patterns[i].length < 2 * self->word - 1)
      self->word = 4;
  sort_patterns (self);
  make_keys (self);
  make_word_table (self);
  make_run_table (self);

  return self;
}

void
bfy_leak_index_free (BfyLeakIndex *self)
{
  if (self == NULL)
    return;

  bfy_wipe (self->offsets, (gsize) 1 << (64 - self->offsets_shift));
  g_free (self->offsets);
  bfy_wipe (self->runs, ((gsize) self->runs_mask + 1) * sizeof (Run));
  g_free (self->runs);
  g_array_unref (self->array);
  bfy_secret_unref (self->keys);
  g_free (self);
}

gsize
bfy_leak_index_get_window (const BfyLeakIndex *self)
{
  return 2 * self->word - 1;
}

/* The next pattern that @shared bytes of the text fit; n_patterns if there is none. */
static guint
next_pattern (const BfyLeakIndex *self, guint i, gsize shared, gboolean is_at_end)
{
  guint next = i + 1;

  /* These go on as this one does, and so differ from the text at the same byte. */
  while (!is_at_end && next < self->n_patterns && self->patterns[next].shared > shared)
    next = self->patterns[next].next;
  if (next < self->n_patterns && self->patterns[next].shared < shared)
    return self->n_patterns;

  return next;
}

/* Compares what stands at @start with all patterns that begin with the window of the first. */
static BfyLeakSight
compare_run (const BfyLeakIndex *self, guint first, const Text *text, gsize start, BfyLeak *leak)
{
  const guint8 *bytes = text->bytes + start;
  gsize length = text->length - start;
  BfyLeakSight sight = BFY_LEAK_NOTHING;
  gsize shared = 0;

  leak->start = start;
  for (guint i = first; i < self->n_patterns; i = next_pattern (self, i, shared, shared == length))
    {
      const BfyLeakPattern *pattern = &self->patterns[i];
      gsize n = MIN (pattern->length, length);

      shared += count_shared (bytes + shared, pattern->bytes + shared, n - shared);
      if (shared < bfy_leak_index_get_window (self))
        break; /* another window with the same hash */
      if (shared < n || !is_same (pattern, bytes, n))
        continue;
      if (n < pattern->length && text->may_go_on)
        return BFY_LEAK_CUT;
      if (n < pattern->length)
        continue;
      leak->length = n;
      leak->tag = pattern->tag;
      sight = BFY_LEAK_WHOLE;
    }

  return sight;
}

/* What stands at @start, where a window has room. */
static BfyLeakSight
look_at (const BfyLeakIndex *self, const Text *text, gsize start, BfyLeak *leak)
{
  guint32 hash = hash_window (self, text->bytes + start, self->word);
  guint slot = hash & self->runs_mask;
  BfyLeakSight sight = BFY_LEAK_NOTHING;

  for (; self->runs[slot].first != NO_PATTERN; slot = (slot + 1) & self->runs_mask)
    {
      if (self->runs[slot].check == hash)
        sight = compare_run (self, self->runs[slot].first, text, start, leak);
      if (sight != BFY_LEAK_NOTHING)
        break;
    }

  return sight;
}

/* What has the word at @at in its window; the first of it first. */
static BfyLeakSight
look_around (const BfyLeakIndex *self, const Text *text, gsize at, BfyLeak *leak)
{
  gsize window = bfy_leak_index_get_window (self);
  guint64 word = load (text->bytes + at, self->word);
  guint offsets = self->offsets[slot_of_word (word, get_key (self, 0), self->offsets_shift)];

  for (gsize offset = self->word; offset-- > 0;)
    {
      gsize start = at - offset;
      BfyLeakSight sight;

      if ((offsets >> offset & 1) == 0 || at - text->from < offset || text->length - start < window)
        continue;
      sight = look_at (self, text, start, leak);
      if (sight != BFY_LEAK_NOTHING)
        return sight;
    }

  return BFY_LEAK_NOTHING;
}

/* The next word that some pattern may have, from @at on; the text's length if there is none. */
static inline gsize
skip_words (const BfyLeakIndex *self, const Text *text, gsize at, gsize word)
{
  const guint8 *bytes = text->bytes;
  const guint8 *offsets = self->offsets;
  gsize length = text->length;
  guint64 key = get_key (self, 0);
  guint shift = self->offsets_shift;

  while (length - at >= word && offsets[slot_of_word (load (bytes + at, word), key, shift)] == 0)
    at += word;

  return length - at >= word ? at : length;
}

/* Less than a window is left there, so that no word has to lie in it. */
static BfyLeakSight
look_at_end (const BfyLeakIndex *self, const Text *text, BfyLeak *leak)
{
  gsize window = bfy_leak_index_get_window (self);
  gsize start = text->length >= window ? text->length - window + 1 : 0;

  for (start = MAX (start, text->from); start + BFY_LEAK_CUT_BYTES_MIN <= text->length; start++)
    {
      const char *end = (const char *) text->bytes + start;

      if (!bfy_leak_index_begins (self, end, text->length - start))
        continue;
      leak->start = start;
      return BFY_LEAK_CUT;
    }

  return BFY_LEAK_NOTHING;
}

BfyLeakSight
bfy_leak_index_look (const BfyLeakIndex *self,
                     const char *data,
                     gsize length,
                     gsize from,
                     gboolean may_go_on,
                     BfyLeak *leak)
{
  const Text text = { (const guint8 *) data, length, from, may_go_on };
  gsize at = from;

  if (self->n_patterns == 0 || from > length)
    return BFY_LEAK_NOTHING;

  while (TRUE)
    {
      BfyLeakSight sight;

      /* With the size known to the compiler it is one multiplication and two loads. */
      at = self->word == 8 ? skip_words (self, &text, at, 8) : skip_words (self, &text, at, 4);
      if (at == length)
        break;
      sight = look_around (self, &text, at, leak);
      if (sight != BFY_LEAK_NOTHING)
        return sight;
      at += self->word;
    }

  return may_go_on ? look_at_end (self, &text, leak) : BFY_LEAK_NOTHING;
}

gboolean
bfy_leak_index_begins (const BfyLeakIndex *self, const char *data, gsize length)
{
  const guint8 *text = (const guint8 *) data;
  BfyLeakPattern wanted = { .bytes = text, .length = length };
  guint low = 0;
  guint high = self->n_patterns;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (compare_patterns (&self->patterns[middle], &wanted) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  for (; low < self->n_patterns; low++)
    {
      if (count_shared (self->patterns[low].bytes, text, length) < length)
        return FALSE;
      if (is_same (&self->patterns[low], text, length))
        return TRUE;
    }

  return FALSE;
}
