/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <math.h>

#include "client/bridge-private.h"
#include "client/bridge-reply.h"

/* The GET stream on which a legacy server speaks unasked. A server that has none answers 405. One
 * that breaks is opened again after 1 s × 1.5 up to 30 s, five times without a word from it
 * (behaviour 5.11), or after the delay it asked for. */
#define RETRY_FIRST_MS 1000
#define RETRY_FACTOR 1.5
#define RETRY_MAX_MS 30000
#define RETRIES_MAX 5

struct _BridgeListener
{
  Bridge *bridge;
  BfyTransfer *transfer; /* (owned) (nullable) while waiting */
  char *last_event_id;   /* (owned) (nullable) */
  gint64 retry_ms;       /* -1: the server did not say */
  guint n_retries;       /* since it last said something */
  guint timer_id;
  gboolean is_open;
  gboolean was_open;
};

static void connect_stream (BridgeListener *listener);

static gboolean
on_retry (gpointer user_data)
{
  BridgeListener *listener = user_data;

  listener->timer_id = 0;
  connect_stream (listener);
  return G_SOURCE_REMOVE;
}

static void
retry_later (BridgeListener *listener)
{
  double delay_ms = listener->retry_ms >= 0
                        ? (double) listener->retry_ms
                        : RETRY_FIRST_MS * pow (RETRY_FACTOR, listener->n_retries);

  listener->n_retries++;
  listener->timer_id = g_timeout_add ((guint) MIN (delay_ms, RETRY_MAX_MS), on_retry, listener);
}

static void
on_head (BfyTransfer *transfer, gpointer user_data)
{
  BridgeListener *listener = user_data;

  listener->is_open =
      bfy_transfer_get_status (transfer) == SOUP_STATUS_OK && bfy_transfer_is_stream (transfer);
  listener->was_open |= listener->is_open;
}

static void
on_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
  BridgeListener *listener = user_data;
  g_autoptr (GError) error = NULL;

  if (!listener->is_open)
    return;

  listener->n_retries = 0;
  if (!bfy_bridge_reply_foreach (text, length, bridge_relay, listener->bridge, &error))
    bridge_complain (listener->bridge, "The server sent something that is not MCP: %s",
                     error->message);
}

/* A refusal is final; a stream that once was open, and trouble on the way, are tried again. */
static gboolean
is_worth_a_retry (const BridgeListener *listener, const GError *error)
{
  guint status = bfy_transfer_get_status (listener->transfer);

  return listener->was_open && listener->n_retries < RETRIES_MAX &&
         (error != NULL || listener->is_open || status >= 500);
}

static void
on_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  BridgeListener *listener = user_data;
  gboolean goes_on = is_worth_a_retry (listener, error);

  if (bfy_transfer_get_last_event_id (transfer) != NULL)
    {
      g_free (listener->last_event_id);
      listener->last_event_id = g_strdup (bfy_transfer_get_last_event_id (transfer));
    }
  if (bfy_transfer_get_retry_ms (transfer) >= 0)
    listener->retry_ms = bfy_transfer_get_retry_ms (transfer);

  listener->is_open = FALSE;
  g_clear_pointer (&listener->transfer, bfy_transfer_unref);
  if (goes_on)
    retry_later (listener);
}

static const BfyTransferEvents events = { on_head, on_text, on_end };

static void
connect_stream (BridgeListener *listener)
{
  Bridge *self = listener->bridge;
  g_autoptr (SoupMessage) message = bfy_transfer_new_get (self->remote, self->binding);

  bridge_add_session_headers (self, message);
  if (listener->last_event_id != NULL)
    soup_message_headers_replace (soup_message_get_request_headers (message), "Last-Event-ID",
                                  listener->last_event_id);
  listener->transfer = bfy_transfer_start (self->remote, message, &events, listener);
  if (self->is_held)
    bfy_transfer_set_held (listener->transfer, TRUE);
}

BridgeListener *
bridge_listener_new (Bridge *self)
{
  BridgeListener *listener = g_new0 (BridgeListener, 1);

  listener->bridge = self;
  listener->retry_ms = -1;
  connect_stream (listener);
  return listener;
}

void
bridge_listener_free (BridgeListener *listener)
{
  g_clear_handle_id (&listener->timer_id, g_source_remove);
  if (listener->transfer != NULL)
    {
      bfy_transfer_cancel (listener->transfer);
      bfy_transfer_unref (listener->transfer);
    }
  g_free (listener->last_event_id);
  g_free (listener);
}

void
bridge_listener_set_held (BridgeListener *listener, gboolean is_held)
{
  if (listener->transfer != NULL)
    bfy_transfer_set_held (listener->transfer, is_held);
}

gboolean
bridge_listener_is_open (const BridgeListener *listener)
{
  return listener != NULL && listener->is_open;
}
