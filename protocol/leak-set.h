/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* Many secrets, looked for in one pass in whatever spelling they may have been given: as they are,
 * percent-encoded, JSON-escaped (and escaped again), Base64 in its three alignments and both
 * alphabets, hex; in upper and lower case where that means the same. Immutable; the patterns lie in
 * secret memory. Pure. */
typedef struct _BfyLeakSet BfyLeakSet;

/* Shorter secrets would be found anywhere. */
#define BFY_LEAK_BYTES_MIN 8

typedef struct
{
  BfySecret *secret; /* borrowed */
  guint tag;         /* the caller's: whose it is */
} BfyLeakEntry;

typedef struct
{
  gsize start;
  gsize length;
  guint tag;
} BfyLeak;

BfyLeakSet *bfy_leak_set_new (const BfyLeakEntry *entries, gsize n_entries);
BfyLeakSet *bfy_leak_set_ref (BfyLeakSet *self);
void bfy_leak_set_unref (BfyLeakSet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyLeakSet, bfy_leak_set_unref)
gboolean bfy_leak_set_is_empty (const BfyLeakSet *self);

/* The first one at or behind @from. Allocates nothing. */
gboolean bfy_leak_set_find (
    const BfyLeakSet *self, const char *data, gsize length, gsize from, BfyLeak *leak);
/* Overwrites each in place with '*', which leaves lengths, JSON and UTF-8 as they were; how many.
 */
guint bfy_leak_set_mask (const BfyLeakSet *self, char *data, gsize length);

/* The same for what comes in pieces. Bytes at the end of a piece that may be the beginning of a
 * secret are held back, and nothing else is: an event that ends in none passes at once. */
typedef struct _BfyLeakStream BfyLeakStream;

BfyLeakStream *bfy_leak_stream_new (BfyLeakSet *set);
void bfy_leak_stream_free (BfyLeakStream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyLeakStream, bfy_leak_stream_free)
/* What may pass now: @bytes itself when nothing was found or held back, the usual case; NULL when
 * there is nothing. (transfer full) (nullable) */
GBytes *bfy_leak_stream_feed (BfyLeakStream *self, GBytes *bytes, gboolean is_last);
guint bfy_leak_stream_get_n_found (const BfyLeakStream *self);
/* Tag of the first one that was found. */
guint bfy_leak_stream_get_tag (const BfyLeakStream *self);
