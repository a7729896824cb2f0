/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/json.h"

/* How much of a binding may be used: member "limits" of a policy.
 *
 *   {"requests_per_minute": 60, "requests_per_hour": 1000, "concurrent": 8,
 *    "bytes_per_day": 100000000,
 *    "per_client": {"requests_per_minute": 20, …}}
 *
 * Windows are those of the clock in UTC: minute, hour, day (behaviour 22.3). 0 = no limit. */
typedef struct
{
  gint64 requests_per_minute;
  gint64 requests_per_hour;
  gint64 concurrent;
  gint64 bytes_per_day; /* both ways */
} BfyQuota;

typedef struct
{
  BfyQuota all;        /* of all clients together */
  BfyQuota per_client; /* of each */
} BfyQuotas;

/* What has been used, in memory: one for a binding, one for each of its clients. */
typedef struct
{
  gint64 minute_s, hour_s, day_s; /* starts of the windows that the counts are of, Unix time */
  gint64 n_minute, n_hour, n_bytes;
  gint64 n_open;
} BfyQuotaUse;

typedef struct
{
  gboolean is_admitted;
  const char *limit; /* "requests_per_minute", …; static; of the refusal */
  gboolean is_per_client;
  gint64 retry_after_s; /* at least 1; of the refusal */
} BfyQuotaVerdict;

/* @document, @object: as in network-policy.h. */
gboolean bfy_quotas_read (const char *document,
                          const BfyJsonSlice *object,
                          BfyQuotas *quotas,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full) */
JsonObject *bfy_quotas_to_json (const BfyQuotas *self);
gboolean bfy_quotas_are_empty (const BfyQuotas *self);

/* Decides and, if admitted, counts in both. Atomic: nothing is counted for what is refused. */
BfyQuotaVerdict
bfy_quota_take (const BfyQuotas *quotas, BfyQuotaUse *all, BfyQuotaUse *client, gint64 now_s);
/* The request is over. */
void bfy_quota_give_back (BfyQuotaUse *use, gint64 n_bytes, gint64 now_s);
