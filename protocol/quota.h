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
#define BFY_QUOTA_MAX G_GINT64_CONSTANT (9007199254740991) /* exact wherever JSON is read */

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

/* What one HTTP request asks for. */
typedef struct
{
  gint64 n_messages; /* requests and notifications in it */
  gint64 n_open;     /* requests that wait for their answers; an event stream is none */
  gint64 n_bytes;    /* of its body; bfy_quota_take() looks at them and does not count them */
} BfyQuotaWish;

typedef struct
{
  gboolean is_admitted;
  const char *limit; /* "requests_per_minute", …; static; of the refusal */
  gint64 most;       /* its value */
  gboolean is_per_client;
  gboolean is_never;    /* it is too much at once: waiting does not help */
  gint64 retry_after_s; /* at least 1; of the refusal */
} BfyQuotaVerdict;

/* The limit of that name in words: "60 requests a minute". Free with g_free(). */
char *bfy_quota_describe_limit (const char *limit, gint64 most);

/* @document, @object: as in network-policy.h. */
gboolean bfy_quotas_read (const char *document,
                          const BfyJsonSlice *object,
                          BfyQuotas *quotas,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Limits that are none are left out. (transfer full) */
JsonObject *bfy_quotas_to_json (const BfyQuotas *self);
JsonObject *bfy_quota_to_json (const BfyQuota *self);
/* By the same names, what is left of the limits there are. (transfer full) */
JsonObject *bfy_quota_left_to_json (const BfyQuota *self, const BfyQuotaUse *use);
gboolean bfy_quotas_are_empty (const BfyQuotas *self);

/* Decides and, if admitted, counts in both. Atomic: nothing is counted for what is refused. Of
 * several limits in the way the one that lasts longest is told. */
BfyQuotaVerdict bfy_quota_take (const BfyQuotas *quotas,
                                BfyQuotaUse *all,
                                BfyQuotaUse *client,
                                const BfyQuotaWish *wish,
                                gint64 now_s);
/* As if it had never been taken, for what something else refuses; gives back what it keeps open
 * only by bfy_quota_give_back(). */
void bfy_quota_undo (BfyQuotaUse *use, const BfyQuotaWish *wish, gint64 taken_at_s);
/* The request is over. */
void bfy_quota_give_back (BfyQuotaUse *use, const BfyQuotaWish *wish);
/* Of the hour, before the agent was started. */
void bfy_quota_count_hour (BfyQuotaUse *use, gint64 n_messages, gint64 now_s);
/* Bytes that have passed, either way. */
void bfy_quota_count_bytes (BfyQuotaUse *use, gint64 n_bytes, gint64 now_s);
/* Begins new windows where the time has come, so that the counts are those of @now_s. A clock that
 * is set back begins none: the counts stay until the window that it shows ends. */
void bfy_quota_roll (BfyQuotaUse *use, gint64 now_s);
