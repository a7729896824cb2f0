/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/leak-set.h"

#include <string.h>

#include "protocol/leak-private.h"
#include "protocol/spelling.h"

#define REDACTED "[REDACTED]"

struct _BfyLeakSet
{
  gatomicrefcount ref_count;
  GPtrArray *spellings; /* (owned) (element-type BfySpellings) */
  BfyLeakIndex *index;  /* (owned) of these */
};

static void
free_spellings (gpointer data)
{
  bfy_spellings_free (data);
}

static void
add_patterns (GArray *patterns, const BfySpellings *spellings, guint tag)
{
  for (guint i = 0; i < bfy_spellings_get_n (spellings); i++)
    {
      BfySpelling spelling = bfy_spellings_get (spellings, i);
      BfyLeakPattern pattern = {
        spelling.bytes, spelling.length, tag, spelling.minds_case, 0, 0,
      };

      g_array_append_val (patterns, pattern);
    }
}

BfyLeakSet *
bfy_leak_set_new (const BfyLeakEntry *entries, gsize n_entries)
{
  BfyLeakSet *self = g_new0 (BfyLeakSet, 1);
  GArray *patterns = g_array_new (FALSE, FALSE, sizeof (BfyLeakPattern));

  g_atomic_ref_count_init (&self->ref_count);
  self->spellings = g_ptr_array_new_with_free_func (free_spellings);
  for (gsize i = 0; i < n_entries; i++)
    {
      BfySpellings *spellings;

      if (bfy_secret_length (entries[i].secret) < BFY_LEAK_BYTES_MIN)
        continue;
      spellings = bfy_spellings_new (entries[i].secret);
      g_ptr_array_add (self->spellings, spellings);
      add_patterns (patterns, spellings, entries[i].tag);
    }
  self->index = bfy_leak_index_new_take (patterns);

  return self;
}

BfyLeakSet *
bfy_leak_set_ref (BfyLeakSet *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_leak_set_unref (BfyLeakSet *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  bfy_leak_index_free (self->index);
  g_ptr_array_unref (self->spellings);
  g_free (self);
}

gboolean
bfy_leak_set_is_empty (const BfyLeakSet *self)
{
  return self == NULL || self->spellings->len == 0;
}

const BfyLeakIndex *
bfy_leak_set_peek_index (const BfyLeakSet *self)
{
  return self->index;
}

gboolean
bfy_leak_set_find (
    const BfyLeakSet *self, const char *data, gsize length, gsize from, BfyLeak *leak)
{
  if (bfy_leak_set_is_empty (self))
    return FALSE;

  return bfy_leak_index_look (self->index, data, length, from, FALSE, leak) == BFY_LEAK_WHOLE;
}

guint
bfy_leak_set_mask (const BfyLeakSet *self, char *data, gsize length)
{
  BfyLeakMask mask = { 0 };

  if (bfy_leak_set_is_empty (self))
    return 0;
  bfy_leak_index_mask (self->index, data, length, FALSE, &mask);

  return mask.n_found;
}

gsize
bfy_leak_set_safe_length (const BfyLeakSet *self, const char *data, gsize length)
{
  BfyLeakSight sight = BFY_LEAK_WHOLE;
  BfyLeak leak = { 0 };

  if (bfy_leak_set_is_empty (self))
    return length;
  for (gsize from = 0; sight == BFY_LEAK_WHOLE; from = leak.start + 1)
    sight = bfy_leak_index_look (self->index, data, length, from, TRUE, &leak);

  return sight == BFY_LEAK_CUT ? leak.start : length;
}

/* The first one and all that overlap. */
static gboolean
find_stretch (const BfyLeakSet *self, const char *text, gsize length, gsize from, BfyLeak *stretch)
{
  BfyLeak leak;
  gsize end;

  if (!bfy_leak_set_find (self, text, length, from, stretch))
    return FALSE;
  end = stretch->start + stretch->length;
  leak = *stretch;
  while (bfy_leak_set_find (self, text, length, leak.start + 1, &leak) && leak.start < end)
    end = MAX (end, leak.start + leak.length);
  stretch->length = end - stretch->start;

  return TRUE;
}

char *
bfy_leak_set_redact (const BfyLeakSet *self, const char *text, gsize length, gsize *n_written)
{
  BfyLeak stretch;
  gsize from = 0;
  gsize kept = 0;
  GString *out = NULL;

  while (find_stretch (self, text, length, from, &stretch))
    {
      if (out == NULL)
        out = g_string_sized_new (length);
      g_string_append_len (out, text + kept, (gssize) (stretch.start - kept));
      g_string_append (out, REDACTED);
      kept = stretch.start + stretch.length;
      from = kept;
    }
  if (out == NULL)
    return NULL;

  g_string_append_len (out, text + kept, (gssize) (length - kept));
  *n_written = out->len;

  return g_string_free (out, FALSE);
}
