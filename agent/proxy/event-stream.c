/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The events that answer a GET pass as they come. Only the first of them is looked at: where it is
 * `endpoint`, the upstream speaks the transport of 2024-11-05. The URL in it is kept here, if it is
 * of the origin where the credential belongs, and the client is told a path of ours; answers of
 * ours to what it posts there are put between the events (behaviour 5.12). An `endpoint` that comes
 * later is left out, so those streams go on event by event.
 *
 * Such a stream is the client's session, so it ends with the right to use the binding: when that is
 * removed, renamed, paused or led elsewhere, when the client is removed, when the agent is locked.
 */

#include "agent/proxy/exchange-private.h"
#include "agent/proxy/headers.h"
#include "agent/proxy/old-transport.h"
#include "agent/proxy/refusal.h"
#include "agent/proxy/view.h"
#include "protocol/endpoint.h"
#include "protocol/sse-cutter.h"

#define FIRST_EVENT_BYTES_MAX (64 * 1024) /* no `endpoint` is longer */
#define ENDPOINT_TIMEOUT_MS 10000         /* for the first event, where it must be `endpoint` */
#define UNREAD_BYTES_MAX (1024 * 1024)    /* of answers of ours that the client does not read */

struct _BfyEventStream
{
  BfySseCutter *cutter;   /* (owned) (nullable) while events are looked at */
  GString *down;          /* (owned) what the client gets next */
  BfyPostbox *postbox;    /* (owned) (nullable) once `endpoint` has come */
  gboolean is_wanted;     /* the client needs `endpoint`, and gets no head before */
  BfyEndpointWatch watch; /* of a first event that is too long to be held */
  gboolean has_event;
  gboolean is_writing;
  gulong changed_id;
  gulong removed_id;
  gulong locked_id;
};

static void pump (BfyExchange *self);

void
bfy_event_stream_free (BfyEventStream *stream)
{
  g_clear_pointer (&stream->cutter, bfy_sse_cutter_free);
  g_clear_pointer (&stream->postbox, bfy_postbox_unref);
  g_string_free (stream->down, TRUE);
  g_free (stream);
}

void
bfy_event_stream_stop (BfyExchange *self)
{
  BfyEventStream *stream = self->stream;

  if (stream == NULL || stream->postbox == NULL)
    return;

  bfy_postboxes_close (self->agent->postboxes, stream->postbox);
  g_clear_signal_handler (&stream->changed_id, self->agent->registry);
  g_clear_signal_handler (&stream->removed_id, self->agent->registry);
  g_clear_signal_handler (&stream->locked_id, self->agent->credentials);
}

gboolean
bfy_event_stream_is_session (const BfyExchange *self)
{
  return self->stream != NULL && self->stream->postbox != NULL;
}

static void
append_event (GString *down, const char *type, const char *data)
{
  g_string_append_printf (down, "event: %s\ndata: %s\n\n", type, data);
}

/* Everything that waits, whether or not the client reads it. */
static void
flush_down (BfyExchange *self)
{
  GString *down = self->stream->down;
  g_autoptr (GBytes) bytes = g_bytes_new (down->str, down->len);

  if (down->len > 0)
    bfy_request_write (self->request, bytes, NULL, NULL);
  g_string_truncate (down, 0);
}

/* The stream's last event says why it ends. A client that has no head yet gets it as a refusal. */
static void
end_with_error (BfyExchange *self, BfyErrorCode code, const char *message)
{
  g_autofree char *text = NULL;

  if (!bfy_request_has_begun (self->request))
    {
      bfy_exchange_fail (self, code, message);
      return;
    }

  text = bfy_rpc_format_error (NULL, code, message);
  append_event (self->stream->down, "message", text);
  flush_down (self);
  bfy_request_end (self->request);
  g_cancellable_cancel (self->cancellable);
  bfy_exchange_finish (self, code);
}

static void
end_with (BfyExchange *self, const GError *error)
{
  end_with_error (self, bfy_error_code (error), error->message);
}

/* --- The right to use the binding --- */

/* BFY_N_ERRORS when nothing has changed that matters to who uses it. */
static BfyErrorCode
judge_change (const BfyBinding *mine,
              const BfyBinding *old,
              const BfyBinding *now,
              const char **what)
{
  if (now == NULL)
    {
      *what = "removed";
      return BFY_ERROR_NOT_FOUND;
    }
  if (now->state == BFY_STATE_PAUSED)
    {
      *what = "paused";
      return BFY_ERROR_PAUSED;
    }
  if (bfy_refusal_is_logged_out (old, now))
    {
      *what = "logged out of";
      return BFY_ERROR_NEEDS_LOGIN;
    }
  *what = "changed";

  return g_str_equal (now->name, mine->name) && g_strcmp0 (now->url, mine->url) == 0
             ? BFY_N_ERRORS
             : BFY_ERROR_SESSION_LOST;
}

static void
on_binding_changed (BfyRegistry *registry,
                    const BfyBinding *old,
                    const BfyBinding *now,
                    gpointer user_data)
{
  BfyExchange *self = user_data;
  g_autofree char *text = NULL;
  const char *what;
  BfyErrorCode code;

  if (old == NULL || !g_str_equal (old->id, self->binding->id))
    return;
  code = judge_change (self->binding, old, now, &what);
  if (code == BFY_N_ERRORS)
    return;

  text = g_strdup_printf ("The binding “%s” has been %s", self->binding->name, what);
  end_with_error (self, code, text);
}

static void
on_client_removed (BfyRegistry *registry, const BfyClient *removed, gpointer user_data)
{
  BfyExchange *self = user_data;
  BfyClient *client = bfy_request_get_client (self->request);

  if (client != NULL && g_str_equal (client->id, removed->id))
    end_with_error (self, BFY_ERROR_NOT_FOUND, "The key of this client has been removed");
}

static void
on_locked (BfyCredentials *credentials, gpointer user_data)
{
  BfyExchange *self = user_data;
  g_autoptr (GError) error = NULL;

  if (self->binding->injection->kind != BFY_INJECT_NONE &&
      !bfy_credentials_check_unlocked (credentials, &error))
    end_with (self, error);
}

/* --- The postbox --- */

static void
deliver (const char *message, gpointer user_data)
{
  BfyExchange *self = user_data;
  BfyEventStream *stream = self->stream;

  append_event (stream->down, "message", message);
  if (stream->down->len <= UNREAD_BYTES_MAX)
    {
      pump (self);
      return;
    }
  g_cancellable_cancel (self->cancellable);
  bfy_exchange_fail (self, BFY_ERROR_RATE_LIMITED, "");
}

static void
open_postbox (BfyExchange *self, BfyPostbox *postbox)
{
  BfyAgent *agent = self->agent;
  BfyEventStream *stream = self->stream;

  stream->postbox = bfy_postbox_ref (postbox);
  bfy_postbox_set_handler (postbox, deliver, self);
  stream->changed_id =
      g_signal_connect (agent->registry, "binding-changed", G_CALLBACK (on_binding_changed), self);
  stream->removed_id =
      g_signal_connect (agent->registry, "client-removed", G_CALLBACK (on_client_removed), self);
  stream->locked_id = g_signal_connect (agent->credentials, "locked", G_CALLBACK (on_locked), self);
}

/* --- The way down --- */

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
      end_with_error (self, bfy_error_code (error), text);
      return;
    }
  postbox = bfy_postboxes_open (self->agent->postboxes, self->binding->id,
                                client != NULL ? client->id : NULL, url, &error);
  if (postbox == NULL)
    {
      end_with (self, error);
      return;
    }

  open_postbox (self, postbox);
  begin_down (self);
  path = bfy_endpoint_format (bfy_request_get_path (request), self->stream->is_wanted,
                              bfy_postbox_get_id (postbox));
  append_event (self->stream->down, "endpoint", path);
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
  pump (self);
}

static void
refuse_long_endpoint (BfyExchange *self)
{
  g_autofree char *text = g_strdup_printf (
      "The service behind “%s” named an endpoint that is too long", self->binding->name);

  end_with_error (self, BFY_ERROR_UPSTREAM_FAILED, text);
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
      flush_down (self);
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
  pump (self);
}

/* One thing at a time: what waits goes down before anything more is read. */
static void
pump (BfyExchange *self)
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
  pump (self);
}
