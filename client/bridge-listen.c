/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <math.h>

#include "client/bridge-private.h"
#include "client/bridge-reply.h"
#include "protocol/mcp-header.h"

/* The GET stream on which a legacy server speaks unasked. A server that has none answers 405. One
 * that breaks is opened again (BRIDGE_RETRIES_MAX); one that answers 404 has lost the session. */
#define RETRY_FIRST_MS 1000
#define RETRY_FACTOR 1.5
#define RETRY_MIN_MS 50 /* whatever the server says: it shall not make us spin */
#define RETRY_MAX_MS 30000
/* A server that forgets each session at once shall not keep us busy either. */
#define RECOVERY_PAUSE_US (2 * G_TIME_SPAN_SECOND)

struct _BridgeListener
{
  Bridge *bridge;
  BfyTransfer *transfer; /* (owned) (nullable) while waiting */
  char *last_event_id;   /* (owned) (nullable) */
  gint64 began_us;
  gint64 retry_ms; /* -1: the server did not say */
  guint n_retries; /* since it last said something */
  guint timer_id;
  gboolean is_open;
  gboolean was_open;
};

static void connect_stream (BridgeListener *listener);

guint
bridge_retry_delay_ms (gint64 asked_ms, guint n_retries)
{
  double delay_ms =
      asked_ms >= 0 ? (double) asked_ms : RETRY_FIRST_MS * pow (RETRY_FACTOR, n_retries);

  return (guint) CLAMP (delay_ms, RETRY_MIN_MS, RETRY_MAX_MS);
}

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
  guint delay_ms = bridge_retry_delay_ms (listener->retry_ms, listener->n_retries++);

  listener->timer_id = g_timeout_add (delay_ms, on_retry, listener);
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

  return listener->was_open && listener->n_retries < BRIDGE_RETRIES_MAX &&
         (error != NULL || listener->is_open || status >= 500);
}

static gboolean
is_session_lost (const BridgeListener *listener, const GError *error)
{
  return listener->was_open && error == NULL &&
         bfy_transfer_get_status (listener->transfer) == SOUP_STATUS_NOT_FOUND &&
         g_get_monotonic_time () - listener->began_us >= RECOVERY_PAUSE_US;
}

static void
on_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  BridgeListener *listener = user_data;
  gboolean goes_on = is_worth_a_retry (listener, error);
  gboolean is_lost = is_session_lost (listener, error);
  const char *id = bfy_transfer_get_last_event_id (transfer);

  if (id != NULL && bfy_mcp_header_is_event_id (id))
    {
      g_free (listener->last_event_id);
      listener->last_event_id = g_strdup (id);
    }
  if (bfy_transfer_get_retry_ms (transfer) >= 0)
    listener->retry_ms = bfy_transfer_get_retry_ms (transfer);

  listener->is_open = FALSE;
  g_clear_pointer (&listener->transfer, bfy_transfer_unref);
  if (goes_on)
    retry_later (listener);
  else if (is_lost)
    bridge_recovery_start (listener->bridge);
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
  listener->began_us = g_get_monotonic_time ();
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
