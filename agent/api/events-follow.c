/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whoever begins with what has been reads it page by page out of the store, the next one when the
 * last one has gone out, and is told of what happens once there is nothing more. In between nothing
 * can happen that is in neither: the last page is read, and the signal is listened to, in one turn.
 */

#include "agent/api/events-follow.h"

#include "agent/door/request.h"
#include "agent/lock/lock.h"
#include "agent/uses.h"
#include "protocol/glob.h"
#include "protocol/json.h"

#define PAGE_EVENTS 200
#define USES_HOLD_MS 250
#define FAREWELL_MS 10000 /* for a reader that was too slow to learn that it was */
#define DROPPED                                                                                    \
  "event: dropped\n"                                                                               \
  "data: {\"message\":\"What happens was not read fast enough\",\"after\":%" G_GINT64_FORMAT       \
  "}\n\n"

typedef struct
{
  BfyAgent *agent;     /* borrowed: it outlives all requests */
  BfyStore *store;     /* (owned) */
  BfyRequest *request; /* (owned) */
  BfyEventFilter filter;
  char *binding;    /* (owned) (nullable) of the filter, as these */
  char *client;     /* (owned) (nullable) */
  char *outcome;    /* (owned) (nullable) */
  char *type;       /* (owned) (nullable) */
  GString *waiting; /* (owned) */
  gint64 n_last;    /* number of the last event that waits */
  gint64 n_sent;    /* and of the last one that is on its way */
  gboolean is_writing;
  gboolean is_reading_back; /* the pages of the store */
  gboolean is_dropped;
  guint page_id;
  guint farewell_id;
  gulong event_id;
  gulong gone_id;
  gulong uses_signal; /* 0 when they are not told */
  guint uses_id;      /* while what was told of them holds */
  char *uses;         /* (owned) (nullable) what was told of them */
  char *uses_missed;  /* (owned) (nullable) what was so meanwhile */
} Follower;

void
bfy_follow_append_event (GString *text, const BfyEvent *event)
{
  g_autoptr (JsonObject) object = bfy_event_to_json (event);
  g_autofree char *line = bfy_json_object_to_text (object, NULL);

  /* A use that is not recorded again has no number: the one before it is where to go on. */
  if (event->sequence > 0)
    g_string_append_printf (text, "id: %" G_GINT64_FORMAT "\n", event->sequence);
  g_string_append_printf (text, "data: %s\n\n", line);
}

static gboolean
free_follower (gpointer user_data)
{
  Follower *self = user_data;

  g_cancellable_disconnect (bfy_request_get_gone (self->request), self->gone_id);
  bfy_request_unref (self->request);
  g_object_unref (self->store);
  g_string_free (self->waiting, TRUE);
  g_free (self->binding);
  g_free (self->client);
  g_free (self->outcome);
  g_free (self->type);
  g_free (self->uses);
  g_free (self->uses_missed);
  g_free (self);

  return G_SOURCE_REMOVE;
}

/* A handler of a cancellable must not disconnect itself, so the rest is done a moment later. */
static void
stop (Follower *self)
{
  g_clear_signal_handler (&self->event_id, self->store);
  g_clear_signal_handler (&self->uses_signal, self->agent->uses);
  g_clear_handle_id (&self->uses_id, g_source_remove);
  g_clear_handle_id (&self->page_id, g_source_remove);
  g_clear_handle_id (&self->farewell_id, g_source_remove);
  bfy_request_forget_drained (self->request);
  g_idle_add (free_follower, self);
}

static void
on_gone (GCancellable *gone, gpointer user_data)
{
  stop (user_data);
}

static void on_drained (BfyRequest *request, gpointer user_data);
static void tell_uses (Follower *self);

static void
write_waiting (Follower *self)
{
  g_autoptr (GBytes) bytes = NULL;

  if (self->is_writing || self->waiting->len == 0)
    return;

  bytes = g_bytes_new (self->waiting->str, self->waiting->len);
  g_string_truncate (self->waiting, 0);
  self->n_sent = self->n_last;
  self->is_writing = TRUE;
  bfy_request_write (self->request, bytes, on_drained, self);
}

static void
put_event (Follower *self, const BfyEvent *event)
{
  bfy_follow_append_event (self->waiting, event);
  if (event->sequence > 0)
    self->n_last = event->sequence;
}

/* Locked with a passphrase, the agent says little. */
static gboolean
is_closed (const Follower *self)
{
  return bfy_lock_get_state (self->agent->lock) == BFY_LOCK_PASSPHRASE;
}

static gboolean
on_page (gpointer user_data)
{
  Follower *self = user_data;
  BfyEventFilter page = self->filter;
  g_autoptr (GPtrArray) events = NULL;

  self->page_id = 0;
  page.after = MAX (self->n_last, page.after);
  events = bfy_store_query_events (self->store, &page, NULL);
  if (events == NULL)
    {
      bfy_request_break (self->request);
      return G_SOURCE_REMOVE;
    }
  for (guint i = 0; i < events->len && !is_closed (self); i++)
    put_event (self, g_ptr_array_index (events, i));
  self->is_reading_back = page.is_forward && events->len == page.limit && !is_closed (self);
  write_waiting (self);

  return G_SOURCE_REMOVE;
}

static void
on_drained (BfyRequest *request, gpointer user_data)
{
  Follower *self = user_data;

  self->is_writing = FALSE;
  if (self->is_dropped && self->waiting->len == 0)
    {
      bfy_request_end (request);
      stop (self);
      return;
    }
  if (self->is_reading_back)
    self->page_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_page, self, NULL);
  write_waiting (self);
  if (self->uses_signal != 0 && self->uses_id == 0)
    tell_uses (self);
}

static gboolean
on_farewell_over (gpointer user_data)
{
  Follower *self = user_data;

  self->farewell_id = 0;
  bfy_request_break (self->request);

  return G_SOURCE_REMOVE;
}

/* Which bindings are in use */

static char *
describe_uses (const Follower *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_auto (GStrv) names = bfy_uses_list (self->agent->uses, self->agent->registry);
  JsonArray *array = json_array_new ();

  for (guint i = 0; !is_closed (self) && names[i] != NULL; i++)
    json_array_add_string_element (array, names[i]);
  json_object_set_array_member (object, "bindings", array);

  return bfy_json_object_to_text (object, NULL);
}

static gboolean on_uses_held (gpointer user_data);

/* Who reads slowly is told of the newest only, when the rest has been read. */
static void
tell_uses (Follower *self)
{
  g_autofree char *uses = g_steal_pointer (&self->uses_missed);

  if (uses == NULL || is_closed (self))
    {
      g_free (uses);
      uses = describe_uses (self);
    }
  if (self->is_dropped || self->is_writing || g_strcmp0 (uses, self->uses) == 0)
    return;
  g_string_append_printf (self->waiting, "event: in_use\ndata: %s\n\n", uses);
  g_free (self->uses);
  self->uses = g_steal_pointer (&uses);
  self->uses_id = g_timeout_add (USES_HOLD_MS, on_uses_held, self);
  write_waiting (self);
}

static gboolean
on_uses_held (gpointer user_data)
{
  Follower *self = user_data;

  self->uses_id = 0;
  tell_uses (self);

  return G_SOURCE_REMOVE;
}

/* What begins while the last thing that was told still holds is told after it, even when it is over
 * by then. */
static void
on_uses_changed (BfyUses *uses, gpointer user_data)
{
  Follower *self = user_data;
  g_auto (GStrv) names = bfy_uses_list (uses, self->agent->registry);

  if (self->uses_id == 0)
    {
      tell_uses (self);
    }
  else if (names[0] != NULL)
    {
      g_free (self->uses_missed);
      self->uses_missed = describe_uses (self);
    }
}

/* What waits is let go of; the reader learns where it can go on if it ever comes to that. */
static void
drop (Follower *self)
{
  g_clear_signal_handler (&self->event_id, self->store);
  self->is_dropped = TRUE;
  g_string_printf (self->waiting, DROPPED, self->n_sent);
  self->farewell_id = g_timeout_add (FAREWELL_MS, on_farewell_over, self);
}

static gboolean
is_wanted (const Follower *self, const BfyEvent *event)
{
  if (is_closed (self) && (event->binding != NULL || event->client_id != NULL))
    return FALSE;

  return (self->binding == NULL || g_strcmp0 (self->binding, event->binding) == 0) &&
         (self->client == NULL || g_strcmp0 (self->client, event->client) == 0 ||
          g_strcmp0 (self->client, event->client_id) == 0) &&
         (self->outcome == NULL ||
          g_str_equal (self->outcome, bfy_outcome_to_wire (event->outcome))) &&
         (self->type == NULL || bfy_glob_matches (self->type, event->type));
}

static void
on_event (BfyStore *store, BfyEvent *event, gpointer user_data)
{
  Follower *self = user_data;

  /* Until the pages are read, this one will be on one of them. */
  if (self->is_reading_back || !is_wanted (self, event))
    return;
  put_event (self, event);
  write_waiting (self);
  if (self->waiting->len > BFY_FOLLOW_BYTES_MAX)
    drop (self);
}

static void
take_filter (Follower *self, const BfyFollowWish *wish)
{
  self->binding = g_strdup (wish->filter->binding);
  self->client = g_strdup (wish->filter->client);
  self->outcome = g_strdup (wish->filter->outcome);
  self->type = g_strdup (wish->filter->type);
  self->filter = *wish->filter;
  self->filter.binding = self->binding;
  self->filter.client = self->client;
  self->filter.outcome = self->outcome;
  self->filter.type = self->type;
  self->is_reading_back = wish->from != BFY_FOLLOW_FROM_NOW;
  if (wish->from != BFY_FOLLOW_FROM_AFTER)
    return;
  self->n_last = self->n_sent = wish->filter->after;
  self->filter.is_forward = TRUE;
  self->filter.limit = PAGE_EVENTS;
}

void
bfy_api_follow_events (BfyAgent *agent, BfyRequest *request, const BfyFollowWish *wish)
{
  Follower *self = g_new0 (Follower, 1);
  SoupMessageHeaders *headers = bfy_request_begin (request, 200, -1, TRUE);

  if (headers != NULL)
    soup_message_headers_replace (headers, "Content-Type", "text/event-stream");
  self->agent = agent;
  self->store = g_object_ref (agent->store);
  self->request = bfy_request_ref (request);
  self->waiting = g_string_new (NULL);
  take_filter (self, wish);
  if (self->is_reading_back)
    self->page_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_page, self, NULL);
  self->event_id = g_signal_connect (agent->store, "event", G_CALLBACK (on_event), self);
  if (wish->tells_uses)
    self->uses_signal =
        g_signal_connect (agent->uses, "changed", G_CALLBACK (on_uses_changed), self);
  bfy_request_flush (request);
  if (wish->tells_uses)
    tell_uses (self);
  self->gone_id =
      g_cancellable_connect (bfy_request_get_gone (request), G_CALLBACK (on_gone), self, NULL);
}
