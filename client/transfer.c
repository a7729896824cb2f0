/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/transfer.h"

#include <glib/gi18n-lib.h>

#include "client/body.h"
#include "client/lines.h"
#include "protocol/error.h"
#include "protocol/sse.h"

#define CHUNK_BYTES (64 * 1024)

struct _BfyTransfer
{
  gatomicrefcount ref_count;
  BfyRemote *remote;               /* (owned) */
  SoupMessage *message;            /* (owned) */
  GCancellable *cancellable;       /* (owned) */
  GInputStream *stream;            /* (owned) (nullable) until the head is there */
  BfySseParser *parser;            /* (owned) (nullable) event streams only */
  BfyLines *lines;                 /* (owned) (nullable) application/x-ndjson only */
  const char *event_type;          /* (nullable) of the event that is being told */
  char *last_event_id;             /* (owned) (nullable) */
  gint64 retry_ms;                 /* -1: none asked for */
  const BfyTransferEvents *events; /* (nullable) NULL once nobody listens */
  gpointer user_data;
  gboolean is_held;
  gboolean is_reading;
};

static BfyTransfer *
transfer_ref (BfyTransfer *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
bfy_transfer_unref (BfyTransfer *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_object (&self->stream);
  g_clear_object (&self->message);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->remote);
  g_clear_pointer (&self->parser, bfy_sse_parser_free);
  g_clear_pointer (&self->lines, bfy_lines_free);
  g_free (self->last_event_id);
  g_free (self);
}

guint
bfy_transfer_get_status (const BfyTransfer *self)
{
  return self->stream != NULL ? soup_message_get_status (self->message) : 0;
}

const char *
bfy_transfer_get_header (const BfyTransfer *self, const char *name)
{
  return soup_message_headers_get_one (soup_message_get_response_headers (self->message), name);
}

static gboolean
has_type (const BfyTransfer *self, const char *type)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);

  return g_strcmp0 (soup_message_headers_get_content_type (headers, NULL), type) == 0;
}

gboolean
bfy_transfer_is_stream (const BfyTransfer *self)
{
  return has_type (self, "text/event-stream");
}

/* Only where they were asked for: to a program that speaks MCP such a body is a body. */
static gboolean
is_in_lines (const BfyTransfer *self)
{
  SoupMessageHeaders *headers = soup_message_get_request_headers (self->message);

  return has_type (self, "application/x-ndjson") &&
         g_strcmp0 (soup_message_headers_get_one (headers, "Accept"), "application/x-ndjson") == 0;
}

const char *
bfy_transfer_get_event_type (const BfyTransfer *self)
{
  return self->event_type;
}

const char *
bfy_transfer_get_last_event_id (const BfyTransfer *self)
{
  return self->last_event_id;
}

gint64
bfy_transfer_get_retry_ms (const BfyTransfer *self)
{
  return self->retry_ms;
}

/* Tells the end once; afterwards nobody listens. */
static void
end (BfyTransfer *self, const GError *cause)
{
  const BfyTransferEvents *events = g_steal_pointer (&self->events);
  g_autoptr (GError) error = NULL;

  if (events == NULL)
    return;
  if (g_cancellable_is_cancelled (self->cancellable))
    error = g_error_new_literal (BFY_ERROR, BFY_ERROR_CANCELLED, _ ("Cancelled"));
  else if (cause != NULL)
    error = bfy_remote_error_from_io (self->remote, cause);

  events->on_end (self, error, self->user_data);
}

static void
on_event (const BfySseEvent *event, gpointer user_data)
{
  BfyTransfer *self = user_data;

  if (event->retry_ms >= 0)
    self->retry_ms = event->retry_ms;
  if (event->id != NULL && g_strcmp0 (event->id, self->last_event_id) != 0)
    {
      g_free (self->last_event_id);
      self->last_event_id = g_strdup (event->id);
    }
  self->event_type = event->type;
  if (event->length > 0 && self->events != NULL)
    self->events->on_text (self, event->data, event->length, self->user_data);
  self->event_type = NULL;
}

static void
on_line (const char *line, gsize length, gpointer user_data)
{
  BfyTransfer *self = user_data;

  if (self->events != NULL)
    self->events->on_text (self, line, length, self->user_data);
}

static gboolean
feed (BfyTransfer *self, const char *bytes, gsize length, GError **error)
{
  return self->lines != NULL ? bfy_lines_feed (self->lines, bytes, length, error)
                             : bfy_sse_parser_feed (self->parser, bytes, length, error);
}

static void read_on (BfyTransfer *self);

static void
on_chunk (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyTransfer) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) chunk = NULL;
  gsize length = 0;
  const char *bytes;

  self->is_reading = FALSE;
  chunk = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  if (chunk == NULL)
    {
      end (self, error);
      return;
    }

  bytes = g_bytes_get_data (chunk, &length);
  if (length == 0)
    {
      if (self->lines != NULL)
        bfy_lines_finish (self->lines);
      end (self, NULL);
      return;
    }
  if (!feed (self, bytes, length, &error))
    {
      end (self, error);
      return;
    }

  read_on (self);
}

static void
on_body (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyTransfer) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = bfy_body_read_finish (result, &error);
  gsize length = 0;
  const char *text;

  if (body == NULL)
    {
      end (self, error);
      return;
    }

  text = g_bytes_get_data (body, &length);
  if (length > 0 && self->events != NULL)
    self->events->on_text (self, text, length, self->user_data);
  end (self, NULL);
}

/* Continues what comes in parts, or reads a whole body. */
static void
read_on (BfyTransfer *self)
{
  if (self->events == NULL || self->stream == NULL || self->is_held || self->is_reading)
    return;

  self->is_reading = TRUE;
  if (self->parser == NULL && self->lines == NULL)
    bfy_body_read_async (self->stream, BFY_TRANSFER_BYTES_MAX, self->cancellable, on_body,
                         transfer_ref (self));
  else
    g_input_stream_read_bytes_async (self->stream, CHUNK_BYTES, G_PRIORITY_DEFAULT,
                                     self->cancellable, on_chunk, transfer_ref (self));
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyTransfer) self = user_data;
  g_autoptr (GError) error = NULL;

  self->stream = bfy_remote_send_finish (BFY_REMOTE (source), result, &error);
  if (self->stream == NULL)
    {
      end (self, error);
      return;
    }

  if (bfy_transfer_is_stream (self))
    self->parser = bfy_sse_parser_new (BFY_TRANSFER_BYTES_MAX, on_event, self);
  else if (is_in_lines (self))
    self->lines = bfy_lines_new (BFY_TRANSFER_LINE_BYTES_MAX, on_line, self);
  if (self->events != NULL && self->events->on_head != NULL)
    self->events->on_head (self, self->user_data);
  read_on (self);
}

BfyTransfer *
bfy_transfer_start (BfyRemote *remote,
                    SoupMessage *message,
                    const BfyTransferEvents *events,
                    gpointer user_data)
{
  BfyTransfer *self = g_new0 (BfyTransfer, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->remote = g_object_ref (remote);
  self->message = g_object_ref (message);
  self->cancellable = g_cancellable_new ();
  self->retry_ms = -1;
  self->events = events;
  self->user_data = user_data;
  bfy_remote_send_async (remote, message, self->cancellable, on_sent, transfer_ref (self));
  return self;
}

void
bfy_transfer_cancel (BfyTransfer *self)
{
  self->events = NULL;
  g_cancellable_cancel (self->cancellable);
}

void
bfy_transfer_abort (BfyTransfer *self)
{
  self->is_held = FALSE;
  g_cancellable_cancel (self->cancellable);
  read_on (self);
}

void
bfy_transfer_set_held (BfyTransfer *self, gboolean is_held)
{
  self->is_held = is_held;
  read_on (self);
}

static SoupMessage *
new_message (BfyRemote *remote, const char *method, const char *binding)
{
  g_autofree char *segment = g_uri_escape_string (binding, NULL, FALSE);
  g_autofree char *path = g_strconcat ("/mcp/", segment, NULL);
  SoupMessage *message = bfy_remote_new_message (remote, method, path);

  bfy_remote_add_key (remote, message);

  return message;
}

SoupMessage *
bfy_transfer_new_post (BfyRemote *remote, const char *binding, GBytes *body)
{
  SoupMessage *message = new_message (remote, "POST", binding);

  soup_message_headers_replace (soup_message_get_request_headers (message), "Accept",
                                "application/json, text/event-stream");
  soup_message_set_request_body_from_bytes (message, "application/json", body);
  return message;
}

SoupMessage *
bfy_transfer_new_get (BfyRemote *remote, const char *binding)
{
  SoupMessage *message = new_message (remote, "GET", binding);

  soup_message_headers_replace (soup_message_get_request_headers (message), "Accept",
                                "text/event-stream");
  return message;
}

SoupMessage *
bfy_transfer_new_delete (BfyRemote *remote, const char *binding)
{
  return new_message (remote, "DELETE", binding);
}
