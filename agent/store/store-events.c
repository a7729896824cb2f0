/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Events are numbered and announced at once and written in batches. While the disk refuses a batch
 * it stays queued, up to BFY_STORE_QUEUE_MAX events; what has to be given up is counted, and the
 * failure can be asked for until everything is well again (behaviour 21.11). No timer runs while
 * nothing waits. */

#include "agent/store/store-private.h"

#define EVENTS_SHOWN_DEFAULT 100
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

/* In the order of EVENT_COLUMNS, as in read_event(). */
static gboolean
write_event (BfyStore *self, const BfyEvent *event, GError **error)
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

  return bfy_query_run (&query, error);
}

/* NULL when the outcome is not one of ours. */
static BfyEvent *
read_event (BfyQuery *query)
{
  gint64 sequence = bfy_query_take_int (query);
  gint64 time_ms = bfy_query_take_int (query);
  g_autofree char *type = bfy_query_take_text (query);
  g_autoptr (BfyEvent) self = bfy_event_new (type, time_ms);
  g_autofree char *outcome = NULL;

  self->sequence = sequence;
  self->category = bfy_query_take_text (query);
  self->binding = bfy_query_take_text (query);
  self->binding_id = bfy_query_take_text (query);
  self->client = bfy_query_take_text (query);
  self->client_id = bfy_query_take_text (query);
  self->method = bfy_query_take_text (query);
  self->tool = bfy_query_take_text (query);
  self->detail = bfy_query_take_text (query);
  outcome = bfy_query_take_text (query);
  self->status = (guint) bfy_query_take_int (query);
  self->bytes_up = bfy_query_take_int (query);
  self->bytes_down = bfy_query_take_int (query);
  self->duration_ms = bfy_query_take_int (query);

  if (!bfy_outcome_from_wire (outcome, &self->outcome))
    return NULL;

  return g_steal_pointer (&self);
}

/* @binding_id is "" for the events without a binding. */
static gboolean
prune (BfyStore *self, const char *binding_id, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_PRUNE_EVENTS);
  gboolean has_binding = *binding_id != '\0';

  bfy_query_bind_text (&query, has_binding ? binding_id : NULL);
  bfy_query_bind_int (&query,
                      has_binding ? BFY_STORE_EVENTS_PER_BINDING_MAX : BFY_STORE_EVENTS_MAX);

  return bfy_query_run (&query, error);
}

static const char *
pruning_key (const BfyEvent *event)
{
  return event->binding_id != NULL ? event->binding_id : "";
}

/* Those of the batch that will still be there after pruning, in order: in a rush of calls most are
 * not, and writing them only to delete them is what a call would cost most. @n_of: binding id → how
 * many. */
static GPtrArray *
choose_events (BfyStore *self, GHashTable *n_of)
{
  g_autoptr (GPtrArray) newest_first = g_ptr_array_sized_new (self->events.length);
  GPtrArray *chosen = g_ptr_array_sized_new (self->events.length);

  for (GList *item = self->events.tail; item != NULL; item = item->prev)
    {
      const char *key = pruning_key (item->data);
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (n_of, key));

      if (n >= (*key != '\0' ? BFY_STORE_EVENTS_PER_BINDING_MAX : BFY_STORE_EVENTS_MAX))
        continue;
      g_hash_table_insert (n_of, (gpointer) key, GUINT_TO_POINTER (n + 1));
      g_ptr_array_add (newest_first, item->data);
    }
  for (guint i = newest_first->len; i > 0; i--)
    g_ptr_array_add (chosen, g_ptr_array_index (newest_first, i - 1));

  return chosen;
}

static gboolean
write_events (BfyStore *self, GError **error)
{
  g_autoptr (GHashTable) n_of = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) chosen = choose_events (self, n_of);
  GHashTableIter iter;
  gpointer binding_id;

  for (guint i = 0; i < chosen->len; i++)
    if (!write_event (self, g_ptr_array_index (chosen, i), error))
      return FALSE;

  g_hash_table_iter_init (&iter, n_of);
  while (g_hash_table_iter_next (&iter, &binding_id, NULL))
    {
      if (!prune (self, binding_id, error))
        return FALSE;
    }

  return TRUE;
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
  gboolean is_good;

  if (!bfy_store_begin (self, error))
    return FALSE;
  is_good = write_events (self, error) &&
            write_touches (self, BFY_SQL_TOUCH_BINDING, self->touched_bindings, error) &&
            write_touches (self, BFY_SQL_TOUCH_CLIENT, self->touched_clients, error) &&
            bfy_store_write_usage (self, error);

  return bfy_store_end (self, is_good, error);
}

static gboolean
on_flush_time (gpointer user_data)
{
  BfyStore *self = user_data;

  self->flush_source = 0;
  (void) bfy_store_flush (self);

  return G_SOURCE_REMOVE;
}

static void
arm_flush (BfyStore *self, guint delay_ms)
{
  if (self->flush_source == 0)
    self->flush_source = g_timeout_add (delay_ms, on_flush_time, self);
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
  if (self->is_failing)
    g_message ("Events are written again");
  self->is_failing = FALSE;
  describe_failure (self);
}

static gboolean
has_waiting (BfyStore *self)
{
  return !g_queue_is_empty (&self->events) || g_hash_table_size (self->touched_bindings) > 0 ||
         g_hash_table_size (self->touched_clients) > 0 || g_hash_table_size (self->usage) > 0;
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

  note_failure (self, error);
  if (!g_queue_is_empty (&self->events) || g_hash_table_size (self->usage) > 0)
    arm_flush (self, BFY_STORE_RETRY_MS);
  return FALSE;
}

void
bfy_store_append_event (BfyStore *self, BfyEvent *event, gboolean is_urgent)
{
  g_autoptr (BfyEvent) owned = event;

  if (self->database == NULL)
    return;

  owned->sequence = ++self->last_sequence;
  g_signal_emit_by_name (self, "event", owned);
  g_queue_push_tail (&self->events, g_steal_pointer (&owned));

  if (is_urgent || (self->events.length >= BATCH_MAX && !self->is_failing))
    {
      (void) bfy_store_flush (self);
      return;
    }
  give_up_oldest (self);
  arm_flush (self, BFY_STORE_FLUSH_MS);
}

static void
touch (GHashTable *touched, const char *id, gint64 now_s)
{
  gint64 *time_s = g_new (gint64, 1);

  *time_s = now_s;
  g_hash_table_replace (touched, g_strdup (id), time_s);
}

void
bfy_store_touch_binding (BfyStore *self, const char *id, gint64 now_s)
{
  touch (self->touched_bindings, id, now_s);
}

void
bfy_store_touch_client (BfyStore *self, const char *id, gint64 now_s)
{
  touch (self->touched_clients, id, now_s);
}

const char *
bfy_store_get_event_failure (BfyStore *self)
{
  return self->event_failure;
}

GPtrArray *
bfy_store_query_events (BfyStore *self, const BfyEventFilter *filter, GError **error)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_event_free);
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_QUERY_EVENTS);
  g_autoptr (GError) local_error = NULL;

  /* What cannot be written is not shown; get_event_failure() says so. */
  (void) bfy_store_flush (self);

  bfy_query_bind_text (&query, filter->binding);
  bfy_query_bind_text (&query, filter->client);
  bfy_query_bind_int (&query, filter->since_ms);
  bfy_query_bind_int (&query, filter->after);
  bfy_query_bind_int (&query, filter->limit != 0 ? filter->limit : EVENTS_SHOWN_DEFAULT);
  while (bfy_query_step (&query, &local_error))
    {
      BfyEvent *event = read_event (&query);

      if (event == NULL)
        {
          bfy_store_set_damaged (self, "the record of an event cannot be understood", error);
          return NULL;
        }
      g_ptr_array_add (events, event);
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  return g_steal_pointer (&events);
}
