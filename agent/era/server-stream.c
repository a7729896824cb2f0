/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/server-stream.h"

#define RETRY_MS_DEFAULT 1000
#define RETRY_MS_MAX 30000

struct _BfyServerStream
{
  BfyServerSession *session; /* borrowed: owns the stream */
  BfyRequest *caller;        /* (owned) */
  BfyInquiry *inquiry;       /* (owned) (nullable) */
  GSource *retry;            /* (owned) (nullable) */
  char *event_id;            /* (owned) (nullable) the last one */
  guint n_failures;          /* in a row */
  gboolean has_opened;       /* once */
};

BfyServerStream *
bfy_server_stream_new (BfyServerSession *session, BfyRequest *caller)
{
  BfyServerStream *self = g_new0 (BfyServerStream, 1);

  self->session = session;
  self->caller = bfy_request_ref (caller);

  return self;
}

static void
drop_retry (BfyServerStream *self)
{
  if (self->retry != NULL)
    g_source_destroy (self->retry);
  g_clear_pointer (&self->retry, g_source_unref);
}

void
bfy_server_stream_free (BfyServerStream *self)
{
  if (self == NULL)
    return;

  drop_retry (self);
  g_clear_pointer (&self->inquiry, bfy_inquiry_free);
  bfy_request_unref (self->caller);
  g_free (self->event_id);
  g_free (self);
}

static gboolean
on_retry (gpointer user_data)
{
  BfyServerStream *self = user_data;

  drop_retry (self);
  bfy_server_stream_open (self);

  return G_SOURCE_REMOVE;
}

static void
schedule (BfyServerStream *self, gint64 wanted_ms)
{
  gint64 wait_ms = wanted_ms >= 0 ? wanted_ms : RETRY_MS_DEFAULT;

  wait_ms = MAX (wait_ms, 1) << MIN (self->n_failures, 15);
  self->retry = g_timeout_source_new ((guint) MIN (wait_ms, RETRY_MS_MAX));
  g_source_set_callback (self->retry, on_retry, self, NULL);
  g_source_attach (self->retry, g_main_context_get_thread_default ());
}

static void
on_message (BfyInquiry *inquiry, const BfyInquiryMessage *message, gpointer user_data)
{
  BfyServerStream *self = user_data;

  self->n_failures = 0;
  if (bfy_inquiry_is_event_stream (inquiry))
    bfy_server_session_take (self->session, message);
}

static void
on_done (BfyInquiry *inquiry, gpointer user_data)
{
  BfyServerStream *self = user_data;
  g_autoptr (BfyInquiry) done = g_steal_pointer (&self->inquiry);
  guint status = bfy_inquiry_get_status (done);

  if (status == 404 && self->has_opened)
    {
      bfy_server_session_lose (self->session);
      return;
    }
  /* 405: there is none. Whatever else a server says before there was a stream, it does not want
   * one. */
  if (!bfy_inquiry_is_event_stream (done) && status >= 400 && status < 500)
    return;

  self->has_opened = self->has_opened || bfy_inquiry_is_event_stream (done);
  if (bfy_inquiry_get_event_id (done) != NULL)
    {
      g_free (self->event_id);
      self->event_id = g_strdup (bfy_inquiry_get_event_id (done));
    }
  schedule (self, bfy_inquiry_get_retry_ms (done));
  self->n_failures++;
}

void
bfy_server_stream_open (BfyServerStream *self)
{
  static const BfyInquiryEvents events = { on_message, on_done };

  self->inquiry =
      bfy_server_session_inquire (self->session, self->caller, "GET", NULL, &events, self);
  bfy_inquiry_add_header (self->inquiry, "Last-Event-ID", self->event_id);
  bfy_inquiry_begin (self->inquiry);
}
