/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/grant/key.h"

/* Where grants are found by what they are for: by hash, whatever their number, without allocating.
 * It knows neither clock nor store; it is told when things end.
 *
 * There is one entry for one thing: what somebody says later takes its place. What one yes covers
 * another may cover, too (these arguments, any arguments; this process, the program): of those the
 * newest counts. */
typedef struct _BfyGrantTable BfyGrantTable;

typedef struct
{
  BfyGrant *grant;   /* (owned) */
  char *who;         /* (owned) bfy_grant_dup_who() */
  BfyCaller *caller; /* (owned) (nullable) of one that cannot be recognised: @who is its address */
  BfyGrantKey key;   /* borrows from these two */
  guint64 number;    /* counted up: the newest has the highest */
  gint64 ends_ms;    /* since the machine was started, sleep included; G_MAXINT64: never */
  gboolean is_kept;  /* in the store */
  GSequenceIter *at; /* (owned by the table) by end; NULL when it never ends */
} BfyGrantEntry;

BfyGrantTable *bfy_grant_table_new (void);
void bfy_grant_table_free (BfyGrantTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyGrantTable, bfy_grant_table_free)

/* @who: (transfer full). Nothing of the same key may be there. Borrowed. */
BfyGrantEntry *bfy_grant_table_add (
    BfyGrantTable *self, BfyGrant *grant, char *who, BfyCaller *caller, gint64 ends_ms);
void bfy_grant_table_remove (BfyGrantTable *self, BfyGrantEntry *entry);
/* Another grant, which has the same key, in the place of an entry's. */
void bfy_grant_table_replace (BfyGrantTable *self, BfyGrantEntry *entry, BfyGrant *grant);

/* The newest of those that cover it and end after @now_ms; NULL when there is none. */
BfyGrantEntry *bfy_grant_table_find (BfyGrantTable *self,
                                     const BfyCaller *caller,
                                     const BfyWish *wish,
                                     gint64 now_ms);
/* What an answer takes the place of: the one of the same key; and, where a yes and a no meet, or a
 * no and a no, all that is about no more than it. (transfer container) (element-type BfyGrantEntry)
 */
GPtrArray *
bfy_grant_table_list_replaced (BfyGrantTable *self, const BfyGrant *grant, const char *who);
/* The one that @grant of @who would take the place of, whether it has ended or not. */
BfyGrantEntry *
bfy_grant_table_find_same (BfyGrantTable *self, const BfyGrant *grant, const char *who);
BfyGrantEntry *bfy_grant_table_find_by_id (BfyGrantTable *self, const char *id);
/* The one that ends next; NULL when none does. */
BfyGrantEntry *bfy_grant_table_peek_first (BfyGrantTable *self);

/* (transfer container) (element-type BfyGrantEntry) those that do not end after @now_ms */
GPtrArray *bfy_grant_table_list_ended (BfyGrantTable *self, gint64 now_ms);

guint bfy_grant_table_get_n (const BfyGrantTable *self);
guint bfy_grant_table_get_n_of (const BfyGrantTable *self, const char *who);
/* (transfer container) (element-type BfyGrantEntry) newest first; @binding_id (nullable): of this
 * binding only */
GPtrArray *bfy_grant_table_list (BfyGrantTable *self, const char *binding_id);
