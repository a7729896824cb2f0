/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/leak-set.h"

/* The patterns in order, and two tables that find one of them in a text. */
typedef struct _BfyLeakIndex BfyLeakIndex;

#define BFY_LEAK_CUT_BYTES_MIN 4 /* of a beginning that is worth holding back */

typedef enum
{
  BFY_LEAK_NOTHING,
  BFY_LEAK_WHOLE, /* a secret */
  BFY_LEAK_CUT,   /* the text ends in what may be the beginning of one */
} BfyLeakSight;

typedef struct
{
  const guint8 *bytes; /* borrowed */
  gsize length;
  guint tag;
  gboolean minds_case;
  guint shared; /* bytes that are those of the pattern before, without regard to case */
  guint next;   /* the next one that shares fewer */
} BfyLeakPattern;

/* Sorts @patterns, an array of BfyLeakPattern that are not empty, and takes it. */
BfyLeakIndex *bfy_leak_index_new_take (GArray *patterns);
void bfy_leak_index_free (BfyLeakIndex *self);

/* What begins first at or behind @from, in @leak. Without @may_go_on nothing is cut. */
BfyLeakSight bfy_leak_index_look (const BfyLeakIndex *self,
                                  const char *data,
                                  gsize length,
                                  gsize from,
                                  gboolean may_go_on,
                                  BfyLeak *leak) G_GNUC_WARN_UNUSED_RESULT;
/* No pattern is shorter. */
gsize bfy_leak_index_get_window (const BfyLeakIndex *self);
/* Whether a pattern begins like this; @length is a window at most. */
gboolean bfy_leak_index_begins (const BfyLeakIndex *self, const char *data, gsize length);

const BfyLeakIndex *bfy_leak_set_peek_index (const BfyLeakSet *self);

/* What has been found and is not masked yet, and how much there was in all. */
typedef struct
{
  gsize start;
  gsize end;
  guint n_found;
  guint tag; /* of the first */
} BfyLeakMask;

#define BFY_LEAK_MASK_BYTE '*'

/* Masks all that is found. With @may_go_on only up to where the beginning of a secret stands that
 * was cut; @mask then tells what is known of the rest. Returns that place, or @length. */
gsize bfy_leak_index_mask (
    const BfyLeakIndex *self, char *data, gsize length, gboolean may_go_on, BfyLeakMask *mask);
