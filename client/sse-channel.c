/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The agent waits for the endpoint, judges it and puts its own in the place (behaviour 5.12); the
 * suffix of the path asks it to answer with nothing else. */

#include "client/sse-channel.h"

#include <string.h>

#include "client/bridge-reply.h"

struct _BfySseChannel
{
  BfyRemote *remote;     /* (owned) */
  char *path;            /* (owned) of the binding */
  char *endpoint;        /* (owned) (nullable) path and query */
  char *refusal;         /* (owned) (nullable) */
  BfyTransfer *transfer; /* (owned) */
  const BfySseChannelEvents *events;
  gpointer user_data;
  gboolean has_ended;
};

gboolean
bfy_sse_channel_may_help (const BfyTransfer *transfer, const char *text, gsize length)
{
  guint status = bfy_transfer_get_status (transfer);
  g_autoptr (BfyRpc) rpc = text != NULL ? bfy_rpc_parse (text, length, NULL) : NULL;

  if (status != SOUP_STATUS_BAD_REQUEST && status != SOUP_STATUS_NOT_FOUND &&
      status != SOUP_STATUS_METHOD_NOT_ALLOWED)
    return FALSE;
  if (bfy_transfer_get_header (transfer, "X-Bindify-Origin") != NULL)
    return FALSE;

  return rpc == NULL || bfy_rpc_is_batch (rpc) || !bfy_bridge_reply_is_modern_error (text, length);
}

/* A place of the agent's below that of the binding, and nothing else. */
static gboolean
is_own_path (const BfySseChannel *self, const char *endpoint)
{
  gsize length = strlen (self->path);

  if (strncmp (endpoint, self->path, length) != 0 || endpoint[length] != '/')
    return FALSE;
  for (const char *p = endpoint + length; *p != '\0'; p++)
    {
      if (!g_ascii_isgraph (*p) || *p == '#' || *p == '%')
        return FALSE;
    }

  return TRUE;
}

static void
take_endpoint (BfySseChannel *self, const char *text, gsize length)
{
  g_autofree char *endpoint = g_strndup (text, length);

  if (!is_own_path (self, endpoint))
    {
      bfy_transfer_abort (self->transfer);
      return;
    }

  self->endpoint = g_steal_pointer (&endpoint);
  self->events->on_open (self, self->user_data);
}

static void
take_refusal (BfySseChannel *self, const char *text, gsize length)
{
  g_free (self->refusal);
  self->refusal = g_strndup (text, length);
}

static void
on_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
  BfySseChannel *self = user_data;

  if (!bfy_transfer_is_stream (transfer) ||
      !SOUP_STATUS_IS_SUCCESSFUL (bfy_transfer_get_status (transfer)))
    take_refusal (self, text, length);
  else if (self->endpoint != NULL)
    self->events->on_text (self, text, length, self->user_data);
  else if (g_strcmp0 (bfy_transfer_get_event_type (transfer), "endpoint") == 0)
    take_endpoint (self, text, length);
}

static void
on_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  BfySseChannel *self = user_data;

  self->has_ended = TRUE;
  self->events->on_end (self, error, self->user_data);
}

BfySseChannel *
bfy_sse_channel_new (BfyRemote *remote,
                     const char *binding,
                     const BfySseChannelEvents *events,
                     gpointer user_data)
{
  static const BfyTransferEvents transfer_events = { NULL, on_text, on_end };
  BfySseChannel *self = g_new0 (BfySseChannel, 1);
  g_autofree char *segment = g_uri_escape_string (binding, NULL, FALSE);
  g_autofree char *path = NULL;
  g_autoptr (SoupMessage) message = NULL;

  self->remote = g_object_ref (remote);
  self->path = g_strconcat ("/mcp/", segment, NULL);
  self->events = events;
  self->user_data = user_data;
  path = g_strconcat (self->path, "/sse", NULL);
  message = bfy_remote_new_message (remote, "GET", path);
  bfy_remote_add_key (remote, message);
  soup_message_headers_replace (soup_message_get_request_headers (message), "Accept",
                                "text/event-stream");
  self->transfer = bfy_transfer_start (remote, message, &transfer_events, self);

  return self;
}

void
bfy_sse_channel_free (BfySseChannel *self)
{
  if (self == NULL)
    return;

  bfy_transfer_cancel (self->transfer);
  bfy_transfer_unref (self->transfer);
  g_object_unref (self->remote);
  g_free (self->path);
  g_free (self->endpoint);
  g_free (self->refusal);
  g_free (self);
}

void
bfy_sse_channel_abort (BfySseChannel *self)
{
  bfy_transfer_abort (self->transfer);
}

gboolean
bfy_sse_channel_is_open (const BfySseChannel *self)
{
  return self->endpoint != NULL && !self->has_ended;
}

SoupMessage *
bfy_sse_channel_new_post (BfySseChannel *self, GBytes *body)
{
  SoupMessage *message = bfy_remote_new_message (self->remote, "POST", self->endpoint);

  bfy_remote_add_key (self->remote, message);
  soup_message_headers_replace (soup_message_get_request_headers (message), "Accept",
                                "application/json, text/event-stream");
  soup_message_set_request_body_from_bytes (message, "application/json", body);

  return message;
}

void
bfy_sse_channel_set_held (BfySseChannel *self, gboolean is_held)
{
  bfy_transfer_set_held (self->transfer, is_held);
}

const char *
bfy_sse_channel_get_refusal (const BfySseChannel *self)
{
  return self->refusal;
}
