/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/store/store.h"

/* How much was used, by binding, client and hour: what limits count on over a restart, and what
 * `show` and `log stats` tell. It outlives the events, of which only the newest are kept. */

#define BFY_STORE_USAGE_DAYS 400       /* then it is forgotten */
#define BFY_STORE_USAGE_ROWS_MAX 50000 /* of an answer; the newest */

typedef struct
{
  gint64 n_calls; /* messages that were let through, a GET counting as one */
  gint64 n_refused;
  gint64 n_failed;
  gint64 bytes_up; /* bodies */
  gint64 bytes_down;
  gint64 duration_ms; /* of all calls together; of event streams nothing */
} BfyUsageCounts;

/* Never beyond G_MAXINT64, and what is negative counts as nothing. */
void bfy_usage_counts_add (BfyUsageCounts *self, const BfyUsageCounts *more);

typedef struct
{
  char *binding_id; /* (owned) */
  char *client_id;  /* (owned) "" for local processes */
  gint64 hour_s;    /* Unix time of its start */
  BfyUsageCounts counts;
} BfyUsageRow;

void bfy_usage_row_free (BfyUsageRow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyUsageRow, bfy_usage_row_free)

/* Kept in memory and written with the next batch of events, at the latest after BFY_STORE_FLUSH_MS.
 * What is of a binding that has been removed meanwhile is dropped. @client_id: "" for local
 * processes. */
void bfy_store_add_usage (BfyStore *self,
                          const char *binding_id,
                          const char *client_id,
                          gint64 now_s,
                          const BfyUsageCounts *more);

/* The hours that end after @since_s, of @binding_id or, if that is NULL, of all.
 * (transfer full) (element-type BfyUsageRow) oldest first, then by binding and client */
GPtrArray *bfy_store_query_usage (BfyStore *self,
                                  const char *binding_id,
                                  gint64 since_s,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
