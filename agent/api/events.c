/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/api.h"
#include "protocol/json.h"

#define LIMIT_MAX 10000
#define FOLLOW_QUEUE_MAX 1000 /* events that wait for a slow follower before it is cut off */

static gboolean
parse_number (const char *text, gint64 max, gint64 *value, GError **error)
{
  if (text == NULL)
    return TRUE;
  if (g_ascii_string_to_signed (text, 10, 0, max, value, NULL))
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                       "since_ms, after and limit are whole numbers");

  return FALSE;
}

static void
append_line (GString *text, const BfyEvent *event, const char *before, const char *after)
{
  g_autoptr (JsonObject) object = bfy_event_to_json (event);
  g_autofree char *line = bfy_json_object_to_text (object, NULL);

  g_string_append_printf (text, "%s%s%s", before, line, after);
}

/* Somebody who watches events as they come. */
typedef struct
{
  BfyStore *store;     /* (owned) */
  BfyRequest *request; /* (owned) */
  GString *waiting;    /* (owned) */
  guint n_waiting;
  gboolean is_writing;
  char *binding; /* (owned) (nullable) */
  char *client;  /* (owned) (nullable) */
  char *outcome; /* (owned) (nullable) */
  gulong event_id;
  gulong gone_id;
} Follower;

static void write_waiting (Follower *self);

static void
on_drained (BfyRequest *request, gpointer user_data)
{
  Follower *self = user_data;

  self->is_writing = FALSE;
  write_waiting (self);
}

static void
write_waiting (Follower *self)
{
  g_autoptr (GBytes) bytes = NULL;

  if (self->is_writing || self->waiting->len == 0)
    return;

  bytes = g_bytes_new (self->waiting->str, self->waiting->len);
  g_string_truncate (self->waiting, 0);
  self->n_waiting = 0;
  self->is_writing = TRUE;
  bfy_request_write (self->request, bytes, on_drained, self);
}

static gboolean
is_wanted (Follower *self, const BfyEvent *event)
{
  return (self->binding == NULL || g_strcmp0 (self->binding, event->binding) == 0) &&
         (self->client == NULL || g_strcmp0 (self->client, event->client) == 0 ||
          g_strcmp0 (self->client, event->client_id) == 0) &&
         (self->outcome == NULL ||
          g_str_equal (self->outcome, bfy_outcome_to_wire (event->outcome)));
}

static void
on_event (BfyStore *store, BfyEvent *event, gpointer user_data)
{
  Follower *self = user_data;

  if (!is_wanted (self, event))
    return;
  if (++self->n_waiting > FOLLOW_QUEUE_MAX)
    {
      bfy_request_break (self->request);
      return;
    }
  append_line (self->waiting, event, "data: ", "\n\n");
  write_waiting (self);
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
  g_free (self);

  return G_SOURCE_REMOVE;
}

/* A handler of a cancellable must not disconnect itself, so the rest is done a moment later. */
static void
on_gone (GCancellable *gone, gpointer user_data)
{
  Follower *self = user_data;

  g_clear_signal_handler (&self->event_id, self->store);
  g_idle_add (free_follower, self);
}

static void
follow (BfyAgent *agent, BfyRequest *request, const BfyEventFilter *filter)
{
  Follower *self = g_new0 (Follower, 1);
  SoupMessageHeaders *headers = bfy_request_begin (request, 200, -1, TRUE);

  if (headers != NULL)
    soup_message_headers_replace (headers, "Content-Type", "text/event-stream");
  self->store = g_object_ref (agent->store);
  self->request = bfy_request_ref (request);
  self->waiting = g_string_new (NULL);
  self->binding = g_strdup (filter->binding);
  self->client = g_strdup (filter->client);
  self->outcome = g_strdup (filter->outcome);
  self->event_id = g_signal_connect (agent->store, "event", G_CALLBACK (on_event), self);
  bfy_request_flush (request);
  self->gone_id =
      g_cancellable_connect (bfy_request_get_gone (request), G_CALLBACK (on_gone), self, NULL);
}

static void
reply_history (BfyAgent *agent, BfyRequest *request, const BfyEventFilter *filter)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) events = bfy_store_query_events (agent->store, filter, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  if (events == NULL)
    {
      bfy_api_fail (request, error, NULL);
      return;
    }

  for (guint i = 0; i < events->len; i++)
    append_line (text, g_ptr_array_index (events, i), "", "\n");
  bfy_request_reply (request, 200, "application/x-ndjson", text->str, (gssize) text->len);
}

static gboolean
check_outcome (const char *outcome, GError **error)
{
  BfyOutcome known;

  if (outcome == NULL || bfy_outcome_from_wire (outcome, &known))
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                       "outcome is success, failure, blocked or pending");

  return FALSE;
}

void
bfy_api_events (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autofree char *binding = bfy_api_get_parameter (request, "binding");
  g_autofree char *client = bfy_api_get_parameter (request, "client");
  g_autofree char *outcome = bfy_api_get_parameter (request, "outcome");
  g_autofree char *since = bfy_api_get_parameter (request, "since_ms");
  g_autofree char *after = bfy_api_get_parameter (request, "after");
  g_autofree char *limit = bfy_api_get_parameter (request, "limit");
  const char *accept = bfy_request_get_header (request, "Accept");
  BfyEventFilter filter = { .binding = binding, .client = client, .outcome = outcome };
  GError *error = NULL;
  gint64 n = 0;

  if (!parse_number (since, G_MAXINT64, &filter.since_ms, &error) ||
      !parse_number (after, G_MAXINT64, &filter.after, &error) ||
      !parse_number (limit, LIMIT_MAX, &n, &error) || !check_outcome (outcome, &error))
    {
      bfy_api_fail (request, error, NULL);
      return;
    }

  filter.limit = (guint) n;
  if (accept != NULL && strstr (accept, "text/event-stream") != NULL)
    follow (agent, request, &filter);
  else
    reply_history (agent, request, &filter);
}
