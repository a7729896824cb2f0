/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Events are written in batches, each in one transaction with the ends of the chains that it adds
 * to. While the disk refuses a batch it stays queued, up to BFY_STORE_QUEUE_MAX events; what has to
 * be given up is counted, and the failure can be asked for until everything is well again
 * (behaviour 21.11). No timer runs while nothing waits. */

#include "agent/store/store-private.h"

#define BATCH_MAX 1024 /* events, then a batch is written without waiting */

/* Numbers that were announced but lost with a killed agent are not given out again: somebody who
 * follows would take the new events for known ones. */
gboolean
bfy_store_load_sequence (BfyStore *self, gboolean was_killed, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_LAST_SEQUENCE);
  g_autoptr (GError) local_error = NULL;

  if (bfy_query_step (&query, &local_error))
    self->last_sequence = bfy_query_take_int (&query);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (was_killed)
    self->last_sequence += BFY_STORE_QUEUE_MAX;

  return TRUE;
}

/* In the order of the columns, as in bfy_store_read_event(). */
static gboolean
write_event (BfyStore *self, const BfyEvent *event, const BfyEventLink *link, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_ADD_EVENT);

  bfy_query_bind_int (&query, event->sequence);
  bfy_query_bind_int (&query, event->time_ms);
  bfy_query_bind_text (&query, event->type);
  bfy_query_bind_text (&query, event->category);
  bfy_query_bind_text (&query, event->binding);
  bfy_query_bind_text (&query, event->binding_id);
  bfy_query_bind_text (&query, event->client);
  bfy_query_bind_text (&query, event->client_id);
  bfy_query_bind_text (&query, event->method);
  bfy_query_bind_text (&query, event->tool);
  bfy_query_bind_text (&query, event->detail);
  bfy_query_bind_text (&query, bfy_outcome_to_wire (event->outcome));
  bfy_query_bind_int (&query, event->status);
  bfy_query_bind_int (&query, event->bytes_up);
  bfy_query_bind_int (&query, event->bytes_down);
  bfy_query_bind_int (&query, event->duration_ms);
  bfy_query_bind_text (&query, event->host);
  bfy_query_bind_text (&query, event->path);
  bfy_query_bind_text (&query, event->peer);
  bfy_query_bind_text (&query, link->chain);
  bfy_query_bind_int (&query, link->previous);
  bfy_query_bind_bytes (&query, link->hash, sizeof link->hash);

  return bfy_query_run (&query, error);
}

static const char *
get_chain (const BfyEvent *event)
{
  return event->binding_id != NULL ? event->binding_id : "";
}

/* The number of each chain's oldest event of the batch that will still be there after pruning: in a
 * rush of calls most are not, and writing them only to delete them is what a call would cost most.
 * They are tied to their chain all the same. */
static GHashTable *
find_oldest_kept (BfyStore *self)
{
  g_autoptr (GHashTable) n_of = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTable *oldest = g_hash_table_new (g_str_hash, g_str_equal);

  for (GList *item = self->events.tail; item != NULL; item = item->prev)
    {
      const BfyEvent *event = item->data;
      const char *chain = get_chain (event);
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (n_of, chain));

      if (n >= bfy_store_chain_max (self, chain))
        continue;
      g_hash_table_insert (n_of, (gpointer) chain, GUINT_TO_POINTER (n + 1));
      g_hash_table_insert (oldest, (gpointer) chain, (gpointer) event);
    }

  return oldest;
}

static gboolean
write_events (BfyStore *self, BfyChains *chains, GError **error)
{
  g_autoptr (GHashTable) oldest = find_oldest_kept (self);

  for (GList *item = self->events.head; item != NULL; item = item->next)
    {
      const BfyEvent *event = item->data;
      BfyEventLink link = { .chain = get_chain (event) };
      const BfyEvent *first = g_hash_table_lookup (oldest, link.chain);
      gboolean is_kept = first != NULL && event->sequence >= first->sequence;

      if (!bfy_chains_link (chains, event, is_kept, &link, error) ||
          (is_kept && !write_event (self, event, &link, error)))
        return FALSE;
    }

  return bfy_chains_finish (chains, error);
}

static gboolean
write_touches (BfyStore *self, BfySql sql, GHashTable *touched, GError **error)
{
  GHashTableIter iter;
  gpointer id, time_s;

  g_hash_table_iter_init (&iter, touched);
  while (g_hash_table_iter_next (&iter, &id, &time_s))
    {
      g_auto (BfyQuery) query = bfy_query_begin (self, sql);

      bfy_query_bind_text (&query, id);
      bfy_query_bind_int (&query, *(gint64 *) time_s);
      if (!bfy_query_run (&query, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
write_batch (BfyStore *self, GError **error)
{
  g_autoptr (BfyChains) chains = bfy_chains_new (self);
  gboolean is_good;

  if (!bfy_store_begin (self, error))
    return FALSE;
  is_good = write_events (self, chains, error) &&
            write_touches (self, BFY_SQL_TOUCH_BINDING, self->touched_bindings, error) &&
            write_touches (self, BFY_SQL_TOUCH_CLIENT, self->touched_clients, error) &&
            bfy_store_write_grants (self, error) && bfy_store_write_usage (self, error);

  if (!bfy_store_end (self, is_good, error))
    return FALSE;
  bfy_chains_keep (chains);

  return TRUE;
}

static gboolean
on_flush_time (gpointer user_data)
{
  BfyStore *self = user_data;

  self->flush_source = 0;
  (void) bfy_store_flush (self);

  return G_SOURCE_REMOVE;
}

/* The earlier of two times counts. */
static void
arm_flush (BfyStore *self, guint delay_ms)
{
  gint64 due_us = g_get_monotonic_time () + (gint64) delay_ms * 1000;

  if (self->flush_source != 0 && self->flush_due_us <= due_us)
    return;

  g_clear_handle_id (&self->flush_source, g_source_remove);
  self->flush_source = g_timeout_add (delay_ms, on_flush_time, self);
  self->flush_due_us = due_us;
}

void
bfy_store_arm_flush (BfyStore *self)
{
  arm_flush (self, BFY_STORE_FLUSH_MS);
}

static void
give_up_oldest (BfyStore *self)
{
  while (self->events.length > BFY_STORE_QUEUE_MAX)
    {
      bfy_event_free (g_queue_pop_head (&self->events));
      self->n_lost++;
    }
}

/* Lost events stay known until the agent ends. */
static void
describe_failure (BfyStore *self)
{
  g_clear_pointer (&self->event_failure, g_free);
  if (self->n_lost > 0)
    self->event_failure = g_strdup_printf ("%" G_GUINT64_FORMAT " events are lost: %s",
                                           self->n_lost, self->failure_reason);
  else if (self->is_failing)
    self->event_failure = g_strdup (self->failure_reason);
}

static void
note_failure (BfyStore *self, const GError *error)
{
  if (!self->is_failing)
    g_warning ("Events cannot be written for now: %s", error->message);
  self->is_failing = TRUE;
  g_free (self->failure_reason);
  self->failure_reason = g_strdup (error->message);
  give_up_oldest (self);
  describe_failure (self);
}

static void
note_success (BfyStore *self)
{
  g_queue_clear_full (&self->events, (GDestroyNotify) bfy_event_free);
  g_hash_table_remove_all (self->touched_bindings);
  g_hash_table_remove_all (self->touched_clients);
  g_hash_table_remove_all (self->usage);
  bfy_store_note_grants_written (self);
  if (self->is_failing)
    g_message ("Events are written again");
  self->is_failing = FALSE;
  describe_failure (self);
}

static gboolean
has_waiting (BfyStore *self)
{
  return !g_queue_is_empty (&self->events) || g_hash_table_size (self->touched_bindings) > 0 ||
         g_hash_table_size (self->touched_clients) > 0 || g_hash_table_size (self->usage) > 0 ||
         bfy_store_has_waiting_grants (self);
}

gboolean
bfy_store_flush (BfyStore *self)
{
  g_autoptr (GError) error = NULL;
  gboolean is_written;

  g_clear_handle_id (&self->flush_source, g_source_remove);
  if (self->database == NULL || !has_waiting (self))
    return TRUE;

  /* A power cut may take the last events, never a binding or a client. */
  is_written = bfy_store_exec (self, self->database, "PRAGMA synchronous = NORMAL", &error) &&
               write_batch (self, &error);
  (void) sqlite3_exec (self->database, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
  if (is_written)
    {
      note_success (self);
      return TRUE;
    }

  /* Who holds the file may have written to it. */
  g_hash_table_remove_all (self->heads);
  note_failure (self, error);
  if (!g_queue_is_empty (&self->events) || g_hash_table_size (self->usage) > 0 ||
      g_hash_table_size (self->removed_grants) > 0)
    arm_flush (self, BFY_STORE_RETRY_MS);
  return FALSE;
}

/* A rush of refusals is no reason to write each by itself. While the disk refuses, nothing is
 * gained by asking it more often. */
static gboolean
is_due (BfyStore *self, BfyFlushWhen when)
{
  gint64 rest_us = self->urgent_us + BFY_STORE_URGENT_MS * 1000 - g_get_monotonic_time ();

  if (self->is_failing)
    return FALSE;
  if (self->events.length >= BATCH_MAX || when == BFY_FLUSH_NOW ||
      (when == BFY_FLUSH_SOON && rest_us <= 0))
    return TRUE;
  if (when == BFY_FLUSH_SOON)
    arm_flush (self, (guint) (rest_us / 1000) + 1);

  return FALSE;
}

void
bfy_store_flush_when (BfyStore *self, BfyFlushWhen when)
{
  if (is_due (self, when))
    {
      (void) bfy_store_flush (self);
      self->urgent_us = g_get_monotonic_time ();
      return;
    }

  give_up_oldest (self);
  arm_flush (self, self->is_failing ? BFY_STORE_RETRY_MS : BFY_STORE_FLUSH_MS);
}
