/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/client-stream.h"

#include "agent/child/sender.h"

#define RETRY_MS 1000
#define RETRY_MS_MAX 30000

struct _BfyClientStream
{
  BfyClientSession *session; /* borrowed: owns the stream */
  BfyRequest *request;       /* (owned) */
  BfySender *sender;         /* (owned) */
  BfyInquiry *listen;        /* (owned) (nullable) */
  BfyInquiry *before;        /* (owned) (nullable) until the new one has been acknowledged */
  GSource *retry;            /* (owned) (nullable) */
  guint n_failures;          /* in a row */
  gulong gone_id;
};

static void
on_gone (GCancellable *gone, gpointer user_data)
{
  BfyClientStream *self = user_data;

  bfy_client_session_drop_stream (self->session);
}

BfyClientStream *
bfy_client_stream_new (BfyClientSession *session, BfyRequest *request)
{
  BfyClientStream *self = g_new0 (BfyClientStream, 1);

  self->session = session;
  self->request = bfy_request_ref (request);
  self->sender = bfy_sender_new (request, NULL);
  self->gone_id =
      g_signal_connect (bfy_request_get_gone (request), "cancelled", G_CALLBACK (on_gone), self);

  return self;
}

static void
drop_retry (BfyClientStream *self)
{
  if (self->retry != NULL)
    g_source_destroy (self->retry);
  g_clear_pointer (&self->retry, g_source_unref);
}

void
bfy_client_stream_free (BfyClientStream *self)
{
  if (self == NULL)
    return;

  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  drop_retry (self);
  g_clear_pointer (&self->listen, bfy_inquiry_free);
  g_clear_pointer (&self->before, bfy_inquiry_free);
  if (!bfy_request_is_over (self->request))
    bfy_sender_end (self->sender);
  bfy_sender_free (self->sender);
  bfy_request_unref (self->request);
  g_free (self);
}

static void
on_message (BfyInquiry *inquiry, const BfyInquiryMessage *message, gpointer user_data)
{
  BfyClientStream *self = user_data;
  g_autofree char *text = NULL;

  if (message->rpc->kind != BFY_RPC_NOTIFICATION)
    return;
  self->n_failures = 0;
  if (g_str_equal (message->rpc->method, "notifications/subscriptions/acknowledged"))
    {
      if (inquiry == self->listen)
        g_clear_pointer (&self->before, bfy_inquiry_free);
      return;
    }
  text = bfy_era_set_subscription (&message->root, NULL);
  g_strdelimit (text, "\r\n", ' ');
  bfy_sender_event (self->sender, NULL, text, strlen (text));
}

static gboolean
on_retry (gpointer user_data)
{
  BfyClientStream *self = user_data;

  drop_retry (self);
  bfy_client_stream_update (self);

  return G_SOURCE_REMOVE;
}

/* The client stays on its stream; the server is listened to again. */
static void
on_done (BfyInquiry *inquiry, gpointer user_data)
{
  BfyClientStream *self = user_data;
  guint wait_ms;

  if (inquiry == self->before)
    {
      g_clear_pointer (&self->before, bfy_inquiry_free);
      return;
    }
  g_clear_pointer (&self->listen, bfy_inquiry_free);
  wait_ms = MIN (RETRY_MS << MIN (self->n_failures, 10), RETRY_MS_MAX);
  self->n_failures++;
  drop_retry (self);
  self->retry = g_timeout_source_new (wait_ms);
  g_source_set_callback (self->retry, on_retry, self, NULL);
  g_source_attach (self->retry, g_main_context_get_thread_default ());
}

void
bfy_client_stream_update (BfyClientStream *self)
{
  static const BfyInquiryEvents events = { on_message, on_done };
  g_autofree char *filter = bfy_client_session_format_filter (self->session);
  const BfyEraEnvelope envelope = bfy_client_session_get_envelope (self->session);
  BfyModernSetup setup = { "subscriptions/listen", NULL, NULL };
  g_autofree char *number = NULL;
  g_autofree char *params = NULL;

  drop_retry (self);
  g_clear_pointer (&self->before, bfy_inquiry_free);
  if (filter == NULL)
    {
      g_clear_pointer (&self->listen, bfy_inquiry_free);
      return;
    }

  self->before = g_steal_pointer (&self->listen);
  number = g_strdup_printf ("%" G_GUINT64_FORMAT, bfy_client_session_next_number (self->session));
  params = g_strdup_printf ("{\"notifications\":%s}", filter);
  setup.body = bfy_era_format_modern (number, "subscriptions/listen", params, &envelope);
  self->listen = bfy_client_session_inquire (self->session, self->request, &setup, &events, self);
  bfy_inquiry_begin (self->listen);
}
