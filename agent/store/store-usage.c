/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Usage is added up in memory and goes out with the batches of events: one row for each binding,
 * client and hour, however many calls there were. */

#include "agent/store/store-usage.h"

#include "agent/store/store-private.h"

#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)

/* Also the key, of which only the first three members count. */
typedef BfyUsageRow Pending;

static guint
hash_pending (gconstpointer data)
{
  const Pending *self = data;

  return g_str_hash (self->binding_id) * 31 + g_str_hash (self->client_id) * 7 +
         (guint) (self->hour_s / HOUR_S);
}

static gboolean
equal_pending (gconstpointer a, gconstpointer b)
{
  const Pending *one = a, *other = b;

  return one->hour_s == other->hour_s && g_str_equal (one->client_id, other->client_id) &&
         g_str_equal (one->binding_id, other->binding_id);
}

void
bfy_usage_row_free (BfyUsageRow *self)
{
  g_free (self->binding_id);
  g_free (self->client_id);
  g_free (self);
}

GHashTable *
bfy_store_new_usage_table (void)
{
  return g_hash_table_new_full (hash_pending, equal_pending, NULL,
                                (GDestroyNotify) bfy_usage_row_free);
}

static void
add_up (gint64 *sum, gint64 more)
{
  if (more > 0)
    *sum = *sum > G_MAXINT64 - more ? G_MAXINT64 : *sum + more;
}

void
bfy_usage_counts_add (BfyUsageCounts *self, const BfyUsageCounts *more)
{
  add_up (&self->n_calls, more->n_calls);
  add_up (&self->n_refused, more->n_refused);
  add_up (&self->n_failed, more->n_failed);
  add_up (&self->bytes_up, more->bytes_up);
  add_up (&self->bytes_down, more->bytes_down);
  add_up (&self->duration_ms, more->duration_ms);
}

/* A clock from before 1970 has no hour worth keeping apart. */
static gint64
hour_of (gint64 now_s)
{
  return now_s > 0 ? now_s - now_s % HOUR_S : 0;
}

void
bfy_store_add_usage (BfyStore *self,
                     const char *binding_id,
                     const char *client_id,
                     gint64 now_s,
                     const BfyUsageCounts *more)
{
  const Pending key = {
    .binding_id = (char *) binding_id,
    .client_id = (char *) client_id,
    .hour_s = hour_of (now_s),
  };
  Pending *pending;

  if (self->database == NULL)
    return;

  pending = g_hash_table_lookup (self->usage, &key);
  if (pending == NULL)
    {
      pending = g_new0 (Pending, 1);
      pending->binding_id = g_strdup (binding_id);
      pending->client_id = g_strdup (client_id);
      pending->hour_s = key.hour_s;
      g_hash_table_add (self->usage, pending);
    }
  bfy_usage_counts_add (&pending->counts, more);
  bfy_store_arm_flush (self);
}

static gboolean
write_one (BfyStore *self, const Pending *pending, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_ADD_USAGE);

  bfy_query_bind_text (&query, pending->binding_id);
  bfy_query_bind_text (&query, pending->client_id);
  bfy_query_bind_int (&query, pending->hour_s);
  bfy_query_bind_int (&query, pending->counts.n_calls);
  bfy_query_bind_int (&query, pending->counts.n_refused);
  bfy_query_bind_int (&query, pending->counts.n_failed);
  bfy_query_bind_int (&query, pending->counts.bytes_up);
  bfy_query_bind_int (&query, pending->counts.bytes_down);
  bfy_query_bind_int (&query, pending->counts.duration_ms);

  return bfy_query_run (&query, error);
}

/* Once a day, by the clock of the usage itself. */
static gboolean
prune (BfyStore *self, gint64 day_s, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_PRUNE_USAGE);

  if (day_s == self->usage_pruned_day_s)
    return TRUE;
  bfy_query_bind_int (&query, day_s - (gint64) BFY_STORE_USAGE_DAYS * DAY_S);
  if (!bfy_query_run (&query, error))
    return FALSE;
  self->usage_pruned_day_s = day_s;

  return TRUE;
}

gboolean
bfy_store_write_usage (BfyStore *self, GError **error)
{
  gint64 newest_s = 0;
  GHashTableIter iter;
  gpointer pending;

  if (g_hash_table_size (self->usage) == 0)
    return TRUE;

  g_hash_table_iter_init (&iter, self->usage);
  while (g_hash_table_iter_next (&iter, &pending, NULL))
    {
      newest_s = MAX (newest_s, ((Pending *) pending)->hour_s);
      if (!write_one (self, pending, error))
        return FALSE;
    }

  return prune (self, newest_s - newest_s % DAY_S, error);
}

static BfyUsageRow *
read_row (BfyQuery *query)
{
  BfyUsageRow *row = g_new0 (BfyUsageRow, 1);

  row->binding_id = bfy_query_take_text (query);
  row->client_id = bfy_query_take_text (query);
  row->hour_s = bfy_query_take_int (query);
  row->counts.n_calls = bfy_query_take_int (query);
  row->counts.n_refused = bfy_query_take_int (query);
  row->counts.n_failed = bfy_query_take_int (query);
  row->counts.bytes_up = bfy_query_take_int (query);
  row->counts.bytes_down = bfy_query_take_int (query);
  row->counts.duration_ms = bfy_query_take_int (query);

  return row;
}

GPtrArray *
bfy_store_query_usage (BfyStore *self, const char *binding_id, gint64 since_s, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_usage_row_free);
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_QUERY_USAGE);
  g_autoptr (GError) local_error = NULL;

  /* What cannot be written is not shown; bfy_store_get_event_failure() says so. */
  (void) bfy_store_flush (self);

  bfy_query_bind_text (&query, binding_id);
  bfy_query_bind_int (&query, hour_of (since_s));
  bfy_query_bind_int (&query, BFY_STORE_USAGE_ROWS_MAX);
  while (bfy_query_step (&query, &local_error))
    g_ptr_array_add (rows, read_row (&query));
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  return g_steal_pointer (&rows);
}
