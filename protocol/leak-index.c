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

#include "protocol/leak-index-private.h"

#define SLOTS_PER_WORD 16 /* of the table of words, at least, until it is as large as it may be */
#define WORD_TABLE_BITS_MIN 14
#define WORD_TABLE_BITS_MAX 20

static int
compare_patterns (gconstpointer a, gconstpointer b)
{
  const BfyLeakPattern *left = a;
  const BfyLeakPattern *right = b;
  gsize n = MIN (left->length, right->length);
  gsize shared = bfy_leak_count_shared (left->bytes, right->bytes, n);

  if (shared < n)
    return (left->bytes[shared] | BFY_LEAK_FOLD_BYTE) - (right->bytes[shared] | BFY_LEAK_FOLD_BYTE);
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

      pattern->shared = (guint) bfy_leak_count_shared (before->bytes, pattern->bytes, n);
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

  self->keys = bfy_secret_new_blank (BFY_LEAK_N_KEYS * sizeof (guint64), &bytes);
  if (RAND_bytes (bytes, BFY_LEAK_N_KEYS * sizeof (guint64)) != 1)
    g_warning ("No random bytes for the hash of secrets");
  self->key_bytes = bytes;
}

static void
make_word_table (BfyLeakIndex *self)
{
  guint64 n_wanted = (guint64) self->n_patterns * self->word * SLOTS_PER_WORD;
  guint64 key = bfy_leak_get_key (self, 0);
  guint bits = WORD_TABLE_BITS_MIN;

  while (bits < WORD_TABLE_BITS_MAX && (guint64) 1 << bits < n_wanted)
    bits++;
  self->offsets_shift = 64 - bits;
  self->offsets = g_malloc0 ((gsize) 1 << bits);
  for (guint i = 0; i < self->n_patterns; i++)
    for (gsize offset = 0; offset < self->word; offset++)
      {
        guint64 word = bfy_leak_load (self->patterns[i].bytes + offset, self->word);

        self->offsets[bfy_leak_slot_of_word (word, key, self->offsets_shift)] |=
            (guint8) (1U << offset);
      }
}

static void
make_run_table (BfyLeakIndex *self)
{
  gsize window = bfy_leak_window (self);
  guint n_slots = 2;

  while (n_slots < 2 * self->n_patterns)
    n_slots *= 2;
  self->runs_mask = n_slots - 1;
  self->runs = g_new (BfyLeakRun, n_slots);
  for (guint i = 0; i < n_slots; i++)
    self->runs[i].first = BFY_LEAK_NO_PATTERN;
  for (guint i = 0; i < self->n_patterns; i++)
    {
      guint32 hash = bfy_leak_hash_window (self, self->patterns[i].bytes, self->word);
      guint slot = hash & self->runs_mask;

      if (i > 0 && self->patterns[i].shared >= window)
        continue;
      while (self->runs[slot].first != BFY_LEAK_NO_PATTERN)
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
  bfy_wipe (self->runs, ((gsize) self->runs_mask + 1) * sizeof (BfyLeakRun));
  g_free (self->runs);
  g_array_unref (self->array);
  bfy_secret_unref (self->keys);
  g_free (self);
}

gsize
bfy_leak_index_get_window (const BfyLeakIndex *self)
{
  return bfy_leak_window (self);
}
