/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The events that answer a GET pass as they come. Only the first of them is looked at: where it is
 * `endpoint`, the upstream speaks the transport of 2024-11-05. The URL in it is kept here, if it is
 * of the origin where the credential belongs, and the client is told a path of ours; answers of
 * ours to what it posts there are put between the events (behaviour 5.12). An `endpoint` that comes
 * later is left out, so those streams go on event by event. */

#include "agent/proxy/event-stream-private.h"
#include "agent/proxy/headers.h"
#include "agent/proxy/old-transport.h"
#include "agent/proxy/view.h"

#define FIRST_EVENT_BYTES_MAX (64 * 1024) /* no `endpoint` is longer */
#define ENDPOINT_TIMEOUT_MS 10000         /* for the first event, where it must be `endpoint` */

void
bfy_event_stream_free (BfyEventStream *stream)
{
  g_clear_pointer (&stream->cutter, bfy_sse_cutter_free);
  g_clear_pointer (&stream->postbox, bfy_postbox_unref);
  g_string_free (stream->down, TRUE);
  g_free (stream);
}

void
bfy_event_stream_append (GString *down, const char *type, const char *data)
{
  g_string_append_printf (down, "event: %s\ndata: %s\n\n", type, data);
}

void
bfy_event_stream_flush (BfyExchange *self)
{
  GString *down = self->stream->down;
  g_autoptr (GBytes) bytes = g_bytes_new (down->str, down->len);

  if (down->len > 0)
    bfy_request_write (self->request, bytes, NULL, NULL);
  g_string_truncate (down, 0);
}

static void
begin_down (BfyExchange *self)
{
  SoupMessageHeaders *to;

  if (bfy_request_has_begun (self->request))
    return;

  bfy_exchange_clear_deadline (self);
  to = bfy_request_begin (self->request, self->event->status, -1, FALSE);
  if (to != NULL)
    bfy_headers_copy_down (bfy_leg_get_response_headers (self->leg), to);
}

/* The path is the one that the client used, with its key if that was in it: it is told nothing that
 * it has not said itself. */
static void
announce (BfyExchange *self, const BfySseEvent *event)
{
  BfyRequest *request = self->request;
  BfyClient *client = bfy_request_get_client (request);
  g_autoptr (GError) error = NULL;
  g_autofree char *url = bfy_endpoint_resolve (self->url, event->data, event->length, &error);
  g_autofree char *text = NULL;
  g_autofree char *path = NULL;
  BfyPostbox *postbox;

  if (url == NULL)
    {
      text = g_strdup_printf ("The service behind “%s” %s", self->binding->name, error->message);
      bfy_event_stream_end_with_error (self, bfy_error_code (error), text);
      return;
    }
  postbox = bfy_postboxes_open (self->agent->postboxes, self->binding->id,
                                client != NULL ? client->id : NULL, url, &error);
  if (postbox == NULL)
    {
      bfy_event_stream_end_with (self, error);
      return;
    }

  bfy_event_stream_open_postbox (self, postbox);
  begin_down (self);
  path = bfy_endpoint_format (bfy_request_get_path (request), self->stream->is_wanted,
                              bfy_postbox_get_id (postbox));
  bfy_event_stream_append (self->stream->down, "endpoint", path);
}

static void
refuse_transport (BfyExchange *self)
{
  bfy_old_transport_refuse (self->request);
  g_cancellable_cancel (self->cancellable);
  bfy_exchange_finish (self, BFY_N_ERRORS);
}

static void
on_piece (const char *bytes, gsize length, const BfySseEvent *event, gpointer user_data)
{
  BfyExchange *self = user_data;
  BfyEventStream *stream = self->stream;
  BfyEndpointVerdict verdict = BFY_ENDPOINT_PASS;

  if (self->state == EXCHANGE_OVER)
    return;
  if (event != NULL)
    {
      verdict = bfy_endpoint_judge (event, !stream->has_event, stream->is_wanted);
      stream->has_event |= bfy_endpoint_counts (event);
    }

  switch (verdict)
    {
    case BFY_ENDPOINT_PASS:
      /* What comes before a head that waits for its event are comments. */
      if (bfy_request_has_begun (self->request))
        bfy_exchange_view_events (self, bytes, length, stream->down);
      break;
    case BFY_ENDPOINT_ANNOUNCE:
      announce (self, event);
      break;
    case BFY_ENDPOINT_DROP:
      g_info ("The service behind “%s” named another endpoint, which is left out",
              self->binding->name);
      break;
    case BFY_ENDPOINT_MISSING:
      refuse_transport (self);
      break;
    }
}

static void
on_drained (BfyRequest *request, gpointer user_data)
{
  g_autoptr (BfyExchange) self = bfy_exchange_ref (user_data);

  self->stream->is_writing = FALSE;
  bfy_event_stream_pump (self);
}

static void
refuse_long_endpoint (BfyExchange *self)
{
  g_autofree char *text = g_strdup_printf (
      "The service behind “%s” named an endpoint that is too long", self->binding->name);

  bfy_event_stream_end_with_error (self, BFY_ERROR_UPSTREAM_FAILED, text);
}

/* A first event that need not be held is still none that names an endpoint. */
static void
pass_unheld (BfyExchange *self, const char *bytes, gsize length)
{
  BfyEventStream *stream = self->stream;

  if (!stream->has_event && bfy_endpoint_watch (&stream->watch, bytes, length))
    refuse_long_endpoint (self);
  else
    bfy_exchange_view_events (self, bytes, length, stream->down);
}

/* Nothing that comes can be of the older transport any more: bytes pass without being kept. */
static void
stop_looking (BfyExchange *self)
{
  g_autoptr (BfySseCutter) cutter = g_steal_pointer (&self->stream->cutter);
  gsize length;
  const char *rest = bfy_sse_cutter_peek_rest (cutter, &length);

  if (length > 0)
    pass_unheld (self, rest, length);
}

static gboolean
is_first_too_long (const BfyEventStream *stream, gsize length)
{
  gsize n_held;

  bfy_sse_cutter_peek_rest (stream->cutter, &n_held);

  return !stream->is_wanted && stream->postbox == NULL && n_held + length > FIRST_EVENT_BYTES_MAX;
}

/* FALSE when it is more than the binding allows. */
static gboolean
take (BfyExchange *self, const char *bytes, gsize length)
{
  BfyEventStream *stream = self->stream;
  g_autoptr (GError) error = NULL;

  if (!bfy_meter_count (&self->meter, bytes, length))
    return FALSE;
  if (stream->cutter != NULL && is_first_too_long (stream, length))
    stop_looking (self);
  if (self->state == EXCHANGE_OVER)
    return TRUE;
  if (stream->cutter == NULL)
    {
      pass_unheld (self, bytes, length);
      return TRUE;
    }
  if (!bfy_sse_cutter_feed (stream->cutter, bytes, length, &error))
    return FALSE;
  if (self->state != EXCHANGE_OVER && stream->has_event && stream->postbox == NULL)
    stop_looking (self);

  return TRUE;
}

/* The end of the upstream's stream. */
static void
finish (BfyExchange *self, const GError *error)
{
  gboolean has_waited = self->stream->is_wanted && !bfy_request_has_begun (self->request);

  if (has_waited && (error == NULL || self->has_timed_out))
    {
      refuse_transport (self);
    }
  else if (error != NULL)
    {
      bfy_exchange_fail_upstream (self, error);
    }
  else
    {
      bfy_event_stream_flush (self);
      bfy_request_end (self->request);
      bfy_exchange_finish (self, BFY_N_ERRORS);
    }
}

void
bfy_event_stream_take (BfyExchange *self, GBytes *bytes, const GError *failure)
{
  gsize length = bytes != NULL ? g_bytes_get_size (bytes) : 0;

  if (length == 0)
    {
      finish (self, failure);
      return;
    }

  self->event->bytes_down += (gint64) length;
  if (!take (self, g_bytes_get_data (bytes, NULL), length) && self->state != EXCHANGE_OVER)
    bfy_exchange_fail_response (self, BFY_ERROR_RESPONSE_TOO_LARGE,
                                "sent more than this binding allows");
  bfy_event_stream_pump (self);
}

void
bfy_event_stream_pump (BfyExchange *self)
{
  BfyEventStream *stream = self->stream;
  g_autoptr (GBytes) bytes = NULL;

  if (self->state == EXCHANGE_OVER || stream->is_writing)
    return;
  if (stream->down->len > 0 && bfy_request_has_begun (self->request))
    {
      bytes = g_bytes_new (stream->down->str, stream->down->len);
      g_string_truncate (stream->down, 0);
      stream->is_writing = TRUE;
      bfy_request_write (self->request, bytes, on_drained, self);
      return;
    }
  if (self->is_reading)
    return;

  bfy_exchange_read_more (self);
}

void
bfy_event_stream_begin (BfyExchange *self)
{
  BfyEventStream *stream = g_new0 (BfyEventStream, 1);

  self->stream = stream;
  bfy_event_stream_watch (self);
  stream->down = g_string_new (NULL);
  stream->cutter = bfy_sse_cutter_new ((gsize) self->limits.response_bytes_max, on_piece, self);
  stream->is_wanted = bfy_old_transport_is_stream (self->request);
  if (stream->is_wanted)
    {
      bfy_exchange_set_deadline (self, MIN (self->limits.response_timeout_ms, ENDPOINT_TIMEOUT_MS));
    }
  else
    {
      /* May be silent for hours; its head is news by itself. */
      begin_down (self);
      bfy_request_flush (self->request);
    }
  bfy_event_stream_pump (self);
}
