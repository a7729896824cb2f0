/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/quota.h"

#include <glib/gi18n-lib.h>
#include <stddef.h>

#include "protocol/error.h"
#include "protocol/name.h"
#include "protocol/policy-refusal.h"

#define MINUTE_S 60
#define HOUR_S (60 * MINUTE_S)
#define DAY_S (24 * HOUR_S)
#define CONCURRENT_RETRY_S 1
#define DIGITS_MAX 16

typedef struct
{
  const char *name;
  gsize quota_offset; /* of the limit in a BfyQuota */
  gsize use_offset;   /* of what has been used of it in a BfyQuotaUse */
  gsize wish_offset;  /* of what is asked for in a BfyQuotaWish */
  gint64 window_s;    /* 0: it ends with the requests that are open */
  char *(*describe) (gulong most);
} Limit;

static char *
describe_minute (gulong n)
{
  return g_strdup_printf (ngettext ("%lu request a minute", "%lu requests a minute", n), n);
}

static char *
describe_hour (gulong n)
{
  return g_strdup_printf (ngettext ("%lu request an hour", "%lu requests an hour", n), n);
}

static char *
describe_at_a_time (gulong n)
{
  return g_strdup_printf (ngettext ("%lu request at a time", "%lu requests at a time", n), n);
}

static char *
describe_day (gulong n)
{
  return g_strdup_printf (ngettext ("%lu byte a day", "%lu bytes a day", n), n);
}

static const Limit limits[] = {
  { "requests_per_minute", offsetof (BfyQuota, requests_per_minute),
    offsetof (BfyQuotaUse, n_minute), offsetof (BfyQuotaWish, n_messages), MINUTE_S,
    describe_minute },
  { "requests_per_hour", offsetof (BfyQuota, requests_per_hour), offsetof (BfyQuotaUse, n_hour),
    offsetof (BfyQuotaWish, n_messages), HOUR_S, describe_hour },
  { "concurrent", offsetof (BfyQuota, concurrent), offsetof (BfyQuotaUse, n_open),
    offsetof (BfyQuotaWish, n_open), 0, describe_at_a_time },
  { "bytes_per_day", offsetof (BfyQuota, bytes_per_day), offsetof (BfyQuotaUse, n_bytes),
    offsetof (BfyQuotaWish, n_bytes), DAY_S, describe_day },
};

char *
bfy_quota_describe_limit (const char *limit, gint64 most)
{
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    if (g_str_equal (limits[i].name, limit))
      return limits[i].describe ((gulong) MAX (most, 0));

  return g_strdup (limit);
}

static gint64
number_at (gconstpointer object, gsize offset)
{
  return *(const gint64 *) (gconstpointer) ((const char *) object + offset);
}

static gint64 *
place_at (gpointer object, gsize offset)
{
  return (gint64 *) (gpointer) ((char *) object + offset);
}

static gboolean
read_number (const BfyJsonSlice *slice, gint64 *number)
{
  gint64 sum = 0;

  if (slice->type != BFY_JSON_NUMBER || slice->length > DIGITS_MAX)
    return FALSE;
  for (gsize i = 0; i < slice->length; i++)
    {
      if (!g_ascii_isdigit (slice->start[i]))
        return FALSE;
      sum = sum * 10 + (slice->start[i] - '0');
    }
  *number = sum;

  return sum <= BFY_QUOTA_MAX;
}

static const Limit *
find_limit (const BfyJsonSlice *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    if (bfy_json_slice_equals (key, limits[i].name))
      return &limits[i];

  return NULL;
}

static gboolean
read_limit (const char *document,
            const BfyJsonSlice *key,
            const BfyJsonSlice *value,
            BfyQuota *quota,
            GError **error)
{
  const Limit *limit = find_limit (key);

  if (limit == NULL)
    return bfy_policy_refuse_unknown (document, key, error);
  if (!read_number (value, place_at (quota, limit->quota_offset)))
    return bfy_policy_refuse (
        document, value, error,
        "a limit is a whole number up to 9007199254740991, or 0 for no limit");

  return TRUE;
}

static gboolean
read_each (const char *document, const BfyJsonSlice *object, BfyQuota *quota, GError **error)
{
  BfyJsonSlice key, value;
  BfyJsonIter iter;

  if (object->type != BFY_JSON_OBJECT)
    return bfy_policy_refuse (document, object, error, "“per_client” is an object");
  bfy_json_iter_init (&iter, object);
  while (bfy_json_iter_next (&iter, &key, &value))
    if (!read_limit (document, &key, &value, quota, error))
      return FALSE;

  return TRUE;
}

gboolean
bfy_quotas_read (const char *document,
                 const BfyJsonSlice *object,
                 BfyQuotas *quotas,
                 GError **error)
{
  BfyJsonSlice key, value;
  BfyJsonIter iter;

  *quotas = (BfyQuotas){ 0 };
  if (object->type != BFY_JSON_OBJECT)
    return bfy_policy_refuse (document, object, error, "“limits” is an object");
  bfy_json_iter_init (&iter, object);
  while (bfy_json_iter_next (&iter, &key, &value))
    {
      gboolean is_good = bfy_json_slice_equals (&key, "per_client")
                             ? read_each (document, &value, &quotas->per_client, error)
                             : read_limit (document, &key, &value, &quotas->all, error);

      if (!is_good)
        return FALSE;
    }

  return TRUE;
}

JsonObject *
bfy_quota_to_json (const BfyQuota *self)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      gint64 most = number_at (self, limits[i].quota_offset);

      if (most > 0)
        json_object_set_int_member (object, limits[i].name, most);
    }

  return object;
}

JsonObject *
bfy_quota_left_to_json (const BfyQuota *self, const BfyQuotaUse *use)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      gint64 most = number_at (self, limits[i].quota_offset);
      gint64 used = number_at (use, limits[i].use_offset);

      if (most > 0)
        json_object_set_int_member (object, limits[i].name, most > used ? most - used : 0);
    }

  return object;
}

static gboolean
is_empty (const BfyQuota *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    if (number_at (self, limits[i].quota_offset) > 0)
      return FALSE;

  return TRUE;
}

gboolean
bfy_quotas_are_empty (const BfyQuotas *self)
{
  return is_empty (&self->all) && is_empty (&self->per_client);
}

JsonObject *
bfy_quotas_to_json (const BfyQuotas *self)
{
  JsonObject *object = bfy_quota_to_json (&self->all);

  if (!is_empty (&self->per_client))
    json_object_set_object_member (object, "per_client", bfy_quota_to_json (&self->per_client));

  return object;
}

static gint64
start_of (gint64 now_s, gint64 window_s)
{
  gint64 past_s = now_s % window_s;

  return now_s - (past_s >= 0 ? past_s : past_s + window_s);
}

static void
roll_one (gint64 *start_s, gint64 *n, gint64 window_s, gint64 now_s)
{
  gint64 present_s = start_of (now_s, window_s);

  if (present_s > *start_s)
    *n = 0;
  *start_s = present_s;
}

void
bfy_quota_roll (BfyQuotaUse *use, gint64 now_s)
{
  roll_one (&use->minute_s, &use->n_minute, MINUTE_S, now_s);
  roll_one (&use->hour_s, &use->n_hour, HOUR_S, now_s);
  roll_one (&use->day_s, &use->n_bytes, DAY_S, now_s);
}

static gint64
wait_for (const Limit *limit, gint64 now_s)
{
  return limit->window_s > 0 ? start_of (now_s, limit->window_s) + limit->window_s - now_s
                             : CONCURRENT_RETRY_S;
}

/* Bytes run out: whoever brings none still may bring some back. */
static gint64
want_of (const Limit *limit, const BfyQuotaWish *wish)
{
  gint64 want = number_at (wish, limit->wish_offset);

  if (limit->wish_offset == offsetof (BfyQuotaWish, n_bytes) && wish->n_messages > 0)
    return MAX (want, 1);

  return want;
}

static gboolean
is_worse (const BfyQuotaVerdict *verdict, const BfyQuotaVerdict *than)
{
  if (than->is_admitted || than->is_never)
    return than->is_admitted;

  return verdict->is_never || verdict->retry_after_s > than->retry_after_s;
}

static void
check (const BfyQuota *quota,
       const BfyQuotaUse *use,
       const BfyQuotaWish *wish,
       gint64 now_s,
       BfyQuotaVerdict *worst)
{
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      const Limit *limit = &limits[i];
      gint64 most = number_at (quota, limit->quota_offset);
      gint64 want = want_of (limit, wish);
      BfyQuotaVerdict verdict = {
        .limit = limit->name,
        .most = most,
        .is_never = want > most,
      };

      if (most == 0 || want <= 0 || number_at (use, limit->use_offset) <= most - want)
        continue;
      verdict.retry_after_s = wait_for (limit, now_s);
      if (is_worse (&verdict, worst))
        *worst = verdict;
    }
}

static void
add (gint64 *sum, gint64 more)
{
  if (more > 0)
    *sum = *sum > G_MAXINT64 - more ? G_MAXINT64 : *sum + more;
}

static void
subtract (gint64 *sum, gint64 less)
{
  *sum = *sum > less ? *sum - less : 0;
}

static void
count (BfyQuotaUse *use, const BfyQuotaWish *wish)
{
  add (&use->n_minute, wish->n_messages);
  add (&use->n_hour, wish->n_messages);
  add (&use->n_open, wish->n_open);
}

BfyQuotaVerdict
bfy_quota_take (const BfyQuotas *quotas,
                BfyQuotaUse *all,
                BfyQuotaUse *client,
                const BfyQuotaWish *wish,
                gint64 now_s)
{
  BfyQuotaVerdict of_all = { .is_admitted = TRUE };
  BfyQuotaVerdict of_client = { .is_admitted = TRUE };

  bfy_quota_roll (all, now_s);
  bfy_quota_roll (client, now_s);
  check (&quotas->all, all, wish, now_s, &of_all);
  check (&quotas->per_client, client, wish, now_s, &of_client);
  of_client.is_per_client = TRUE;
  if (!of_client.is_admitted && is_worse (&of_client, &of_all))
    return of_client;
  if (!of_all.is_admitted)
    return of_all;

  count (all, wish);
  count (client, wish);

  return of_all;
}

void
bfy_quota_undo (BfyQuotaUse *use, const BfyQuotaWish *wish, gint64 taken_at_s)
{
  if (use->minute_s == start_of (taken_at_s, MINUTE_S))
    subtract (&use->n_minute, wish->n_messages);
  if (use->hour_s == start_of (taken_at_s, HOUR_S))
    subtract (&use->n_hour, wish->n_messages);
  if (use->day_s == start_of (taken_at_s, DAY_S))
    subtract (&use->n_bytes, wish->n_bytes);
}

void
bfy_quota_give_back (BfyQuotaUse *use, const BfyQuotaWish *wish)
{
  subtract (&use->n_open, wish->n_open);
}

void
bfy_quota_count_hour (BfyQuotaUse *use, gint64 n_messages, gint64 now_s)
{
  bfy_quota_roll (use, now_s);
  add (&use->n_hour, n_messages);
}

void
bfy_quota_count_bytes (BfyQuotaUse *use, gint64 n_bytes, gint64 now_s)
{
  bfy_quota_roll (use, now_s);
  add (&use->n_bytes, n_bytes);
}
