/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/leak-index-private.h"

typedef struct
{
  const guint8 *bytes;
  gsize length;
  gsize from;
  gboolean may_go_on;
} Text;

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

      shared += bfy_leak_count_shared (bytes + shared, pattern->bytes + shared, n - shared);
      if (shared < bfy_leak_window (self))
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
  guint32 hash = bfy_leak_hash_window (self, text->bytes + start, self->word);
  guint slot = hash & self->runs_mask;
  BfyLeakSight sight = BFY_LEAK_NOTHING;

  for (; self->runs[slot].first != BFY_LEAK_NO_PATTERN; slot = (slot + 1) & self->runs_mask)
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
  gsize window = bfy_leak_window (self);
  guint64 word = bfy_leak_load (text->bytes + at, self->word);
  guint offsets =
      self->offsets[bfy_leak_slot_of_word (word, bfy_leak_get_key (self, 0), self->offsets_shift)];
  int offset;

  for (; offsets != 0; offsets &= ~(1U << offset))
    {
      gsize start;
      BfyLeakSight sight;

      offset = 31 - __builtin_clz (offsets);
      start = at - (gsize) offset;
      if (at - text->from < (gsize) offset || text->length - start < window)
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
  guint64 key = bfy_leak_get_key (self, 0);
  guint shift = self->offsets_shift;

  while (length - at >= word &&
         offsets[bfy_leak_slot_of_word (bfy_leak_load (bytes + at, word), key, shift)] == 0)
    at += word;

  return length - at >= word ? at : length;
}

/* Less than a window is left there, so that no word has to lie in it. */
static BfyLeakSight
look_at_end (const BfyLeakIndex *self, const Text *text, BfyLeak *leak)
{
  gsize window = bfy_leak_window (self);
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

static gboolean
is_before (const BfyLeakPattern *pattern, const guint8 *text, gsize length)
{
  gsize shared = bfy_leak_count_shared (pattern->bytes, text, length);

  return shared < length &&
         (pattern->bytes[shared] | BFY_LEAK_FOLD_BYTE) < (text[shared] | BFY_LEAK_FOLD_BYTE);
}

gboolean
bfy_leak_index_begins (const BfyLeakIndex *self, const char *data, gsize length)
{
  const guint8 *text = (const guint8 *) data;
  guint low = 0;
  guint high = self->n_patterns;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (is_before (&self->patterns[middle], text, length))
        low = middle + 1;
      else
        high = middle;
    }
  for (; low < self->n_patterns; low++)
    {
      if (bfy_leak_count_shared (self->patterns[low].bytes, text, length) < length)
        return FALSE;
      if (is_same (&self->patterns[low], text, length))
        return TRUE;
    }

  return FALSE;
}
