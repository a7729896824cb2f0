/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/visit.h"

#include <libsoup/soup.h>
#include <string.h>

#include "agent/door/framing.h"
#include "agent/door/linger.h"
#include "agent/door/output.h"

struct _BfyVisit
{
  GSocketConnection *stream; /* (owned) (nullable) NULL once over */
  GSource *input;            /* (owned) */
  GSource *timer;            /* (owned) */
  BfyFraming framing;
  GByteArray *head; /* (owned) wiped: a code is in it */
  gsize n_read;
  BfyVisitFunc on_request;
  BfyVisitEndFunc on_end;
  gpointer user_data;
};

static GSocket *
socket_of (BfyVisit *self)
{
  return g_socket_connection_get_socket (self->stream);
}

static void
drop_sources (BfyVisit *self)
{
  g_source_destroy (self->input);
  g_source_destroy (self->timer);
}

static void
end (BfyVisit *self)
{
  drop_sources (self);
  if (self->stream != NULL)
    g_io_stream_close (G_IO_STREAM (self->stream), NULL, NULL);
  g_clear_object (&self->stream);
  self->on_end (self, self->user_data);
}

/* A page fits into the kernel's buffer; whoever does not read it goes without. */
static void
answer (BfyVisit *self, BfyCallbackVerdict verdict)
{
  g_autoptr (GBytes) page = bfy_visit_format_page (verdict);
  gsize length;
  gconstpointer bytes = g_bytes_get_data (page, &length);
  struct iovec part = { (gpointer) bytes, length };
  BfyOutput output;

  bfy_output_init (&output, g_socket_get_fd (socket_of (self)));
  if (bfy_output_send (&output, &part, 1) &&
      g_socket_shutdown (socket_of (self), FALSE, TRUE, NULL))
    {
      bfy_linger_begin (self->stream);
      g_clear_object (&self->stream);
    }
  bfy_output_clear (&output);
  end (self);
}

static void
read_head (BfyVisit *self)
{
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  g_autofree char *method = NULL;
  char *target = NULL;
  BfyCallbackVerdict verdict = BFY_CALLBACK_MALFORMED;
  SoupHTTPVersion version;

  if (self->head->len <= BFY_VISIT_HEAD_BYTES_MAX &&
      soup_headers_parse_request ((const char *) self->head->data, (int) self->head->len, headers,
                                  &method, &target, &version) == SOUP_STATUS_OK)
    {
      const BfyCallbackRequest request = {
        .method = method,
        .target = target,
        .host = soup_message_headers_get_one (headers, "Host"),
        .origin = soup_message_headers_get_one (headers, "Origin"),
        .fetch_mode = soup_message_headers_get_one (headers, "Sec-Fetch-Mode"),
      };

      verdict = self->on_request (&request, self->user_data);
    }
  bfy_wipe_free (target);
  answer (self, verdict);
}

static gboolean
on_input (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  BfyVisit *self = user_data;
  guint8 bytes[2048];
  g_autoptr (GError) error = NULL;
  gssize n_read =
      g_socket_receive_with_blocking (socket, (char *) bytes, sizeof bytes, FALSE, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  if (n_read <= 0)
    {
      end (self);
      return G_SOURCE_REMOVE;
    }

  self->n_read += (gsize) n_read;
  bfy_framing_feed (&self->framing, bytes, (gsize) n_read, self->head);
  bfy_wipe (bytes, sizeof bytes);
  if (bfy_framing_take_head (&self->framing))
    read_head (self);
  else if (bfy_framing_get_fault (&self->framing) != NULL ||
           self->n_read > BFY_VISIT_HEAD_BYTES_MAX)
    answer (self, BFY_CALLBACK_MALFORMED);
  else
    return G_SOURCE_CONTINUE;

  return G_SOURCE_REMOVE;
}

static gboolean
on_timeout (gpointer user_data)
{
  end (user_data);

  return G_SOURCE_REMOVE;
}

BfyVisit *
bfy_visit_new (GSocketConnection *stream,
               guint timeout_ms,
               BfyVisitFunc on_request,
               BfyVisitEndFunc on_end,
               gpointer user_data)
{
  BfyVisit *self = g_new0 (BfyVisit, 1);
  GMainContext *context = g_main_context_get_thread_default ();

  self->stream = g_object_ref (stream);
  self->on_request = on_request;
  self->on_end = on_end;
  self->user_data = user_data;
  /* Never grows, so that no copy of a code stays behind. */
  self->head = g_byte_array_sized_new (BFY_HEAD_BYTES_MAX + 1);
  bfy_framing_init (&self->framing, 0);
  self->input = g_socket_create_source (socket_of (self), G_IO_IN, NULL);
  g_source_set_callback (self->input, G_SOURCE_FUNC (on_input), self, NULL);
  g_source_attach (self->input, context);
  self->timer = g_timeout_source_new (timeout_ms);
  g_source_set_callback (self->timer, on_timeout, self, NULL);
  g_source_attach (self->timer, context);

  return self;
}

void
bfy_visit_free (BfyVisit *self)
{
  drop_sources (self);
  g_source_unref (self->input);
  g_source_unref (self->timer);
  if (self->stream != NULL)
    g_io_stream_close (G_IO_STREAM (self->stream), NULL, NULL);
  g_clear_object (&self->stream);
  bfy_framing_clear (&self->framing);
  bfy_wipe (self->head->data, self->head->len);
  g_byte_array_unref (self->head);
  g_free (self);
}
