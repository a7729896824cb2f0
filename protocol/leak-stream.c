/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What is kept from one piece to the next: bytes that are held back, because they may be the
 * beginning of a secret; or, when there are none, the last one to three that have passed, if they
 * may be that. In both cases the next piece is looked at behind them. */

#include <string.h>

#include "protocol/leak-private.h"

#define CONTEXT_BYTES_MAX (BFY_LEAK_CUT_BYTES_MIN - 1)
#define HEAD_BYTES_MAX 32 /* context and a window */

struct _BfyLeakStream
{
  BfyLeakSet *set;   /* (owned) */
  GByteArray *kept;  /* (owned) */
  gsize n_passed;    /* of the kept bytes, at their beginning */
  gsize n_condemned; /* of the kept bytes, at their beginning: end of a secret that was found */
  guint n_found;
  guint tag;
};

BfyLeakStream *
bfy_leak_stream_new (BfyLeakSet *set)
{
  BfyLeakStream *self = g_new0 (BfyLeakStream, 1);

  self->set = bfy_leak_set_ref (set);
  self->kept = g_byte_array_new ();

  return self;
}

static void
forget (BfyLeakStream *self)
{
  bfy_wipe (self->kept->data, self->kept->len);
  g_byte_array_set_size (self->kept, 0);
  self->n_passed = 0;
  self->n_condemned = 0;
}

void
bfy_leak_stream_free (BfyLeakStream *self)
{
  if (self == NULL)
    return;

  forget (self);
  g_byte_array_unref (self->kept);
  bfy_leak_set_unref (self->set);
  g_free (self);
}

/* Keeps the end of @data from @start on, of which @n_passed have passed. */
static void
keep (BfyLeakStream *self, const char *data, gsize length, gsize start, gsize n_passed)
{
  forget (self);
  g_byte_array_append (self->kept, (const guint8 *) data + start, (guint) (length - start));
  self->n_passed = n_passed;
}

/* How many of the last bytes may be the beginning of a secret and are too few to be held back. */
static gsize
count_context (const BfyLeakStream *self, const char *data, gsize length)
{
  const BfyLeakIndex *index = bfy_leak_set_peek_index (self->set);

  for (gsize n = MIN (length, CONTEXT_BYTES_MAX); n > 0; n--)
    if (bfy_leak_index_begins (index, data + length - n, n))
      return n;

  return 0;
}

/* Whether what has passed goes on as a secret would. */
static gboolean
is_continued (const BfyLeakStream *self, const char *data, gsize length)
{
  const BfyLeakIndex *index = bfy_leak_set_peek_index (self->set);
  gsize window = bfy_leak_index_get_window (index);
  char head[HEAD_BYTES_MAX];
  gsize n_head = self->kept->len + MIN (length, window);
  gboolean goes_on = FALSE;

  memcpy (head, self->kept->data, self->kept->len);
  memcpy (head + self->kept->len, data, n_head - self->kept->len);
  for (gsize at = 0; at < self->n_passed && !goes_on; at++)
    goes_on = bfy_leak_index_begins (index, head + at, MIN (window, n_head - at));
  bfy_wipe (head, sizeof head);

  return goes_on;
}

/* What is not held back of @data, which is the stream's own from here on. */
static GBytes *
pass_masked (BfyLeakStream *self, char *data, gsize length, gboolean is_last)
{
  const BfyLeakIndex *index = bfy_leak_set_peek_index (self->set);
  BfyLeakMask mask = { 0, self->n_condemned, 0, 0 };
  gsize n_passed = self->n_passed;
  char context[CONTEXT_BYTES_MAX];
  gsize n_context = is_last ? 0 : count_context (self, data, length);
  gsize end;

  memcpy (context, data + length - n_context, n_context);
  end = bfy_leak_index_mask (index, data, length, !is_last, &mask);
  if (self->n_found == 0)
    self->tag = mask.tag;
  self->n_found += mask.n_found;
  if (end < length)
    keep (self, data, length, end, n_passed - MIN (n_passed, end));
  else
    keep (self, context, n_context, 0, n_context);
  if (mask.end > end)
    self->n_condemned = mask.end - end;

  return end > n_passed ? g_bytes_new (data + n_passed, end - n_passed) : NULL;
}

static GBytes *
pass_joined (BfyLeakStream *self, const char *data, gsize length, gboolean is_last)
{
  gsize n_kept = self->kept->len;
  g_autofree char *joined = g_malloc (n_kept + length + 1);
  GBytes *passed;

  if (n_kept > 0)
    memcpy (joined, self->kept->data, n_kept);
  if (length > 0)
    memcpy (joined + n_kept, data, length);
  passed = pass_masked (self, joined, n_kept + length, is_last);
  bfy_wipe (joined, n_kept + length);

  return passed;
}

GBytes *
bfy_leak_stream_feed (BfyLeakStream *self, GBytes *bytes, gboolean is_last)
{
  const BfyLeakIndex *index = bfy_leak_set_peek_index (self->set);
  gsize length = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  BfyLeak leak = { 0 };

  if (length == 0 && (!is_last || self->kept->len == self->n_passed))
    return NULL;
  if (self->kept->len > self->n_passed || (self->n_passed > 0 && is_continued (self, data, length)))
    return pass_joined (self, data, length, is_last);

  forget (self);
  switch (bfy_leak_index_look (index, data, length, 0, !is_last, &leak))
    {
    case BFY_LEAK_WHOLE:
      return pass_joined (self, data, length, is_last);
    case BFY_LEAK_CUT:
      keep (self, data, length, leak.start, 0);
      return leak.start > 0 ? g_bytes_new_from_bytes (bytes, 0, leak.start) : NULL;
    case BFY_LEAK_NOTHING:
      break;
    }
  if (!is_last)
    {
      gsize n_context = count_context (self, data, length);

      keep (self, data, length, length - n_context, n_context);
    }

  return g_bytes_ref (bytes);
}

gsize
bfy_leak_stream_get_n_held (const BfyLeakStream *self)
{
  return self->kept->len - self->n_passed;
}

guint
bfy_leak_stream_get_n_found (const BfyLeakStream *self)
{
  return self->n_found;
}

guint
bfy_leak_stream_get_tag (const BfyLeakStream *self)
{
  return self->tag;
}
