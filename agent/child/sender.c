/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/sender.h"

struct _BfySender
{
  BfyRequest *request; /* (owned) */
  GString *queue;      /* (owned) what waits for the connection */
  gboolean is_busy;    /* the last write is still on its way */
  gboolean has_ended;
};

static void send_queue (BfySender *self, BfyRequestFunc drained);

static void
on_drained (BfyRequest *request, gpointer user_data)
{
  BfySender *self = user_data;

  self->is_busy = FALSE;
  if (self->queue->len > 0)
    send_queue (self, on_drained);
}

static void
send_queue (BfySender *self, BfyRequestFunc drained)
{
  g_autoptr (GBytes) bytes = NULL;
  GString *queue = self->queue;
  gsize length = queue->len;

  self->queue = g_string_new (NULL);
  self->is_busy = drained != NULL;
  bytes = g_bytes_new_take (g_string_free (queue, FALSE), length);
  bfy_request_write (self->request, bytes, drained, drained != NULL ? self : NULL);
}

BfySender *
bfy_sender_new (BfyRequest *request, const char *session_id)
{
  BfySender *self = g_new0 (BfySender, 1);
  SoupMessageHeaders *headers = bfy_request_begin (request, 200, -1, FALSE);

  self->request = bfy_request_ref (request);
  self->queue = g_string_new (NULL);
  if (headers == NULL)
    return self;
  soup_message_headers_replace (headers, "Content-Type", "text/event-stream");
  soup_message_headers_replace (headers, "X-Accel-Buffering", "no");
  if (session_id != NULL)
    soup_message_headers_replace (headers, "Mcp-Session-Id", session_id);
  bfy_request_flush (request);

  return self;
}

void
bfy_sender_free (BfySender *self)
{
  if (self == NULL)
    return;

  if (!self->has_ended)
    bfy_request_break (self->request);
  bfy_request_unref (self->request);
  g_string_free (self->queue, TRUE);
  g_free (self);
}

/* FALSE when nothing goes out any more. */
static gboolean
can_send (BfySender *self)
{
  if (self->has_ended || bfy_request_is_over (self->request))
    return FALSE;
  if (self->queue->len <= BFY_SENDER_QUEUE_BYTES_MAX)
    return TRUE;
  self->has_ended = TRUE;
  bfy_request_break (self->request);

  return FALSE;
}

void
bfy_sender_event (BfySender *self, const char *id, const char *json, gsize length)
{
  if (!can_send (self))
    return;

  if (id != NULL)
    g_string_append_printf (self->queue, "id: %s\n", id);
  g_string_append (self->queue, "event: message\ndata: ");
  g_string_append_len (self->queue, json, (gssize) length);
  g_string_append (self->queue, "\n\n");
  if (!self->is_busy)
    send_queue (self, on_drained);
}

void
bfy_sender_beat (BfySender *self)
{
  if (self->is_busy || !can_send (self))
    return;

  g_string_append (self->queue, ":\n\n");
  send_queue (self, on_drained);
}

void
bfy_sender_prime (BfySender *self, const char *id)
{
  if (!can_send (self))
    return;

  g_string_append_printf (self->queue, "id: %s\nretry: %d\ndata:\n\n", id, BFY_SENDER_RETRY_MS);
  if (!self->is_busy)
    send_queue (self, on_drained);
}

void
bfy_sender_end (BfySender *self)
{
  if (self->has_ended)
    return;

  /* The last write asks for no call back, so that this sender may go before it is through. */
  self->has_ended = TRUE;
  if (self->queue->len == 0)
    g_string_append (self->queue, ":\n\n");
  send_queue (self, NULL);
  bfy_request_end (self->request);
}
