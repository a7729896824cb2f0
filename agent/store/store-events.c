/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Events are cleaned, numbered and announced at once; store-flush.c writes them. */

#include "agent/store/store-private.h"
#include "protocol/event-type.h"

#define EVENTS_SHOWN_DEFAULT 100

BfyEvent *
bfy_store_read_event (BfyQuery *query)
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
  self->host = bfy_query_take_text (query);
  self->path = bfy_query_take_text (query);
  self->peer = bfy_query_take_text (query);

  if (!bfy_outcome_from_wire (outcome, &self->outcome))
    return NULL;

  return g_steal_pointer (&self);
}

/* Clients can make as many refusals as they like, people few changes. */
static BfyFlushWhen
find_flush_time (const BfyEventType *type, gboolean is_urgent)
{
  if (!is_urgent)
    return BFY_FLUSH_BATCHED;

  return type != NULL && type->kind == BFY_EVENT_CHANGE ? BFY_FLUSH_NOW : BFY_FLUSH_SOON;
}

/* What the program itself writes is in the vocabulary, or it has a bug, of which the tests die. The
 * record is kept all the same. */
static void
check_words (const BfyEvent *event, const BfyEventType *type)
{
  if (type == NULL)
    g_critical ("“%s” is not in the vocabulary of events", event->type);
  else if (!bfy_event_type_has_category (type, event->category))
    g_critical ("“%s” is no category of the event “%s”", event->category, event->type);
}

void
bfy_store_append_event (BfyStore *self, BfyEvent *event, gboolean is_urgent)
{
  g_autoptr (BfyEvent) owned = event;
  const BfyEventType *type = bfy_event_type_find (event->type);
  gboolean is_repeat;

  if (self->database == NULL)
    return;
  check_words (event, type);
  bfy_event_clean (owned, self->harmless, self->clean, self->clean_data);
  is_repeat = bfy_store_is_repeat (self, owned);
  if (is_repeat && type->kind != BFY_EVENT_USE)
    return;
  owned->sequence = is_repeat ? 0 : ++self->last_sequence;
  g_signal_emit_by_name (self, "event", owned);
  if (is_repeat)
    return;

  g_queue_push_tail (&self->events, g_steal_pointer (&owned));
  bfy_store_flush_when (self, find_flush_time (type, is_urgent));
}

void
bfy_store_set_cleaner (BfyStore *self, BfyEventCleaner clean, gpointer user_data)
{
  self->clean = clean;
  self->clean_data = user_data;
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
  g_auto (BfyQuery) query =
      bfy_query_begin (self, filter->is_forward ? BFY_SQL_NEXT_EVENTS : BFY_SQL_QUERY_EVENTS);
  g_autoptr (GError) local_error = NULL;

  /* What cannot be written is not shown; get_event_failure() says so. */
  (void) bfy_store_flush (self);

  bfy_query_bind_text (&query, filter->binding);
  bfy_query_bind_text (&query, filter->client);
  bfy_query_bind_int (&query, filter->since_ms);
  bfy_query_bind_int (&query, filter->after);
  bfy_query_bind_int (&query, filter->limit != 0 ? filter->limit : EVENTS_SHOWN_DEFAULT);
  bfy_query_bind_text (&query, filter->outcome);
  bfy_query_bind_text (&query, filter->type);
  bfy_query_bind_int (&query, filter->before);
  while (bfy_query_step (&query, &local_error))
    {
      BfyEvent *event = bfy_store_read_event (&query);

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
