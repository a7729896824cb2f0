/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* Many secrets, looked for in one pass in whatever spelling they may have been given
 * (protocol/spelling.h): as they are, percent-encoded, JSON-escaped (and escaped again), with HTML
 * entities, Base64 in its three alignments and both alphabets, hex; in upper and lower case where
 * that means the same. Immutable; the patterns lie in secret memory. Pure. */
typedef struct _BfyLeakSet BfyLeakSet;

/* Shorter secrets would be found anywhere. */
#define BFY_LEAK_BYTES_MIN 8

typedef struct
{
  const BfySecret *secret; /* borrowed for the call */
  guint tag;               /* the caller's: whose it is */
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
/* The functions on a set take NULL for an empty one. */
gboolean bfy_leak_set_is_empty (const BfyLeakSet *self);

/* The first one that begins at or behind @from, and the longest of those that begin there.
 * Allocates nothing. */
gboolean bfy_leak_set_find (
    const BfyLeakSet *self, const char *data, gsize length, gsize from, BfyLeak *leak);
/* Overwrites each in place with '*', also those that overlap; how many. Lengths stay as they were,
 * UTF-8, and JSON, too, if no secret has quotes of its own. */
guint bfy_leak_set_mask (const BfyLeakSet *self, char *data, gsize length);
/* The same for checked JSON. Strings are looked at unescaped as well, so that no mixture of escapes
 * hides a secret; such a string is overwritten as a whole. */
guint bfy_leak_set_mask_json (const BfyLeakSet *self, char *data, gsize length);
/* For text to people, who need not know how long a secret is: a copy with "[REDACTED]" in the place
 * of each; NULL when there is none. @n_written gets its length. Free with g_free(). */
char *bfy_leak_set_redact (const BfyLeakSet *self, const char *text, gsize length, gsize *n_written)
    G_GNUC_WARN_UNUSED_RESULT;
/* How many bytes of @data may be shown if it was cut off at its end, where the beginning of a
 * secret may stand. Beginnings of less than four bytes do not count. */
gsize bfy_leak_set_safe_length (const BfyLeakSet *self, const char *data, gsize length);

/* The same for what comes in pieces. Bytes at the end of a piece that may be the beginning of a
 * secret (four or more) are held back, and nothing else is: an event that ends in none passes at
 * once. A secret is found wherever it was cut; of one that was cut in its first three bytes these
 * have passed. */
typedef struct _BfyLeakStream BfyLeakStream;

BfyLeakStream *bfy_leak_stream_new (BfyLeakSet *set);
void bfy_leak_stream_free (BfyLeakStream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyLeakStream, bfy_leak_stream_free)
/* What may pass now: a reference on @bytes (or a part of them) when nothing was found or held back
 * before, the usual case; NULL when there is nothing. @bytes may be NULL for an end without any.
 * (transfer full) (nullable) */
GBytes *bfy_leak_stream_feed (BfyLeakStream *self, GBytes *bytes, gboolean is_last);
/* How many bytes wait for what comes next. */
gsize bfy_leak_stream_get_n_held (const BfyLeakStream *self);
guint bfy_leak_stream_get_n_found (const BfyLeakStream *self);
/* Tag of the first one that was found; 0 if there was none. */
guint bfy_leak_stream_get_tag (const BfyLeakStream *self);
