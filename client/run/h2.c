/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/h2.h"

#include <nghttp2/nghttp2.h>
#include <string.h>

#include "client/run/h2-private.h"
#include "client/run/request.h"

#define STREAM_WINDOW_BYTES (256 * 1024)
#define CONNECTION_WINDOW_BYTES (4 * 1024 * 1024)

static void
stream_free (BfyRunStream *stream)
{
  g_free (stream->method);
  g_free (stream->scheme);
  g_free (stream->authority);
  g_free (stream->path);
  soup_message_headers_unref (stream->headers);
  g_byte_array_unref (stream->body);
  g_clear_pointer (&stream->piece, g_bytes_unref);
  g_free (stream);
}

static BfyRunStream *
find_stream (BfyRunH2 *self, gint32 id)
{
  return nghttp2_session_get_stream_user_data (self->session, id);
}

/* Frames that cost the other side nothing. */
static void
calm (BfyRunH2 *self)
{
  (void) nghttp2_session_terminate_session (self->session, NGHTTP2_ENHANCE_YOUR_CALM);
}

/* Whoever has begun first gets room in any case, so that somebody always gets on. */
static void
make_room (BfyRunH2 *self)
{
  gboolean is_first = TRUE;

  for (guint i = 0; i < self->streams->len; i++)
    {
      BfyRunStream *stream = self->streams->pdata[i];
      gsize n = stream->n_withheld;

      if (stream->has_request)
        continue;
      if (n > 0 && (is_first || self->n_held < BFY_RUN_H2_HELD_BYTES_MAX))
        {
          stream->n_withheld = 0;
          (void) nghttp2_session_consume_stream (self->session, stream->id, n);
        }
      is_first = FALSE;
    }
}

static int
on_begin_headers (nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
  BfyRunH2 *self = user_data;
  BfyRunStream *stream;

  if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
    return 0;

  stream = g_new0 (BfyRunStream, 1);
  stream->session = self;
  stream->id = frame->hd.stream_id;
  stream->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  stream->body = g_byte_array_new ();
  g_ptr_array_add (self->streams, stream);
  self->n_controls = 0;
  (void) nghttp2_session_set_stream_user_data (session, stream->id, stream);

  return 0;
}

/* A client may cut its cookies into pieces (8.2.3). */
static void
add_cookie (BfyRunStream *stream, const char *value)
{
  const char *so_far = soup_message_headers_get_one (stream->headers, "Cookie");
  g_autofree char *all =
      so_far != NULL ? g_strconcat (so_far, "; ", value, NULL) : g_strdup (value);

  soup_message_headers_replace (stream->headers, "Cookie", all);
}

static void
add_header (BfyRunStream *stream, const char *name, const char *value)
{
  const struct
  {
    const char *name;
    char **place;
  } parts[] = {
    { ":method", &stream->method },
    { ":scheme", &stream->scheme },
    { ":authority", &stream->authority },
    { ":path", &stream->path },
  };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      if (strcmp (name, parts[i].name) != 0)
        continue;
      g_free (*parts[i].place);
      *parts[i].place = g_strdup (value);
      return;
    }
  if (name[0] == ':')
    return;
  if (strcmp (name, "cookie") == 0)
    add_cookie (stream, value);
  else
    soup_message_headers_append (stream->headers, name, value);
}

/* nghttp2 has looked at them: names in lower case, no control characters, nothing about the
 * connection, a length that is true. Trailers are left out. */
static int
on_header (nghttp2_session *session,
           const nghttp2_frame *frame,
           const uint8_t *name,
           size_t n_name,
           const uint8_t *value,
           size_t n_value,
           uint8_t flags,
           void *user_data)
{
  BfyRunStream *stream = find_stream (user_data, frame->hd.stream_id);

  if (stream == NULL || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
    return 0;
  stream->n_headers += n_name + n_value + 32;
  if (stream->n_headers > BFY_RUN_H2_HEADER_BYTES_MAX)
    stream->state = BFY_RUN_H2_LONG_HEADERS;
  else
    add_header (stream, (const char *) name, (const char *) value);

  return 0;
}

/* Nghttp2 would leave them out and go on. */
static int
on_invalid_header (nghttp2_session *session,
                   const nghttp2_frame *frame,
                   const uint8_t *name,
                   size_t n_name,
                   const uint8_t *value,
                   size_t n_value,
                   uint8_t flags,
                   void *user_data)
{
  return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static int
on_data (nghttp2_session *session,
         uint8_t flags,
         int32_t id,
         const uint8_t *bytes,
         size_t length,
         void *user_data)
{
  BfyRunH2 *self = user_data;
  BfyRunStream *stream = find_stream (self, id);

  (void) nghttp2_session_consume_connection (session, length);
  if (stream == NULL)
    return 0;

  stream->n_withheld += length;
  if (stream->state == BFY_RUN_H2_WHOLE && length > BFY_RUN_BODY_BYTES_MAX - stream->body->len)
    stream->state = BFY_RUN_H2_LONG_BODY;
  if (stream->state == BFY_RUN_H2_WHOLE)
    {
      self->n_held += length;
      g_byte_array_append (stream->body, bytes, (guint) length);
    }
  make_room (self);

  return 0;
}

/* What is too long is answered at once, and then nobody listens any more. */
static void
hand_out (BfyRunH2 *self, BfyRunStream *stream)
{
  if (stream->has_request)
    return;

  stream->has_request = TRUE;
  make_room (self);
  self->events->on_request (stream, self->user_data);
}

static void
count_frame (BfyRunH2 *self, const nghttp2_frame *frame)
{
  gboolean is_empty = frame->hd.type == NGHTTP2_DATA && frame->hd.length == 0;

  if (frame->hd.type == NGHTTP2_RST_STREAM && ++self->n_resets > BFY_RUN_H2_RESETS_MAX)
    calm (self);
  if ((is_empty || frame->hd.type == NGHTTP2_PING || frame->hd.type == NGHTTP2_SETTINGS ||
       frame->hd.type == NGHTTP2_PRIORITY) &&
      ++self->n_controls > BFY_RUN_H2_CONTROLS_MAX)
    calm (self);
}

static int
on_frame (nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
  BfyRunH2 *self = user_data;
  BfyRunStream *stream = find_stream (self, frame->hd.stream_id);
  gboolean is_of_request = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;

  count_frame (self, frame);
  if (stream != NULL && is_of_request &&
      ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 || stream->state != BFY_RUN_H2_WHOLE))
    hand_out (self, stream);

  return 0;
}

static void
drop_stream (BfyRunH2 *self, BfyRunStream *stream)
{
  self->n_held -= stream->body->len;
  self->events->on_gone (stream, self->user_data);
  g_ptr_array_remove (self->streams, stream);
}

static int
on_close (nghttp2_session *session, int32_t id, uint32_t code, void *user_data)
{
  BfyRunStream *stream = find_stream (user_data, id);

  if (stream == NULL)
    return 0;
  (void) nghttp2_session_set_stream_user_data (session, id, NULL);
  drop_stream (user_data, stream);
  make_room (user_data);

  return 0;
}

static nghttp2_session *
new_session (BfyRunH2 *self)
{
  nghttp2_session_callbacks *callbacks = NULL;
  nghttp2_option *option = NULL;
  nghttp2_session *session = NULL;

  nghttp2_session_callbacks_new (&callbacks);
  nghttp2_session_callbacks_set_on_begin_headers_callback (callbacks, on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback (callbacks, on_header);
  nghttp2_session_callbacks_set_on_invalid_header_callback (callbacks, on_invalid_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback (callbacks, on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback (callbacks, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback (callbacks, on_close);
  nghttp2_option_new (&option);
  nghttp2_option_set_no_auto_window_update (option, 1);
  nghttp2_option_set_max_settings (option, 16);
  nghttp2_session_server_new2 (&session, callbacks, self, option);
  nghttp2_option_del (option);
  nghttp2_session_callbacks_del (callbacks);

  return session;
}

BfyRunH2 *
bfy_run_h2_new (const BfyRunH2Events *events, gpointer user_data)
{
  static const nghttp2_settings_entry settings[] = {
    { NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, BFY_RUN_H2_STREAMS_MAX },
    { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW_BYTES },
    { NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, BFY_RUN_H2_HEADER_BYTES_MAX },
  };
  BfyRunH2 *self = g_new0 (BfyRunH2, 1);

  self->events = events;
  self->user_data = user_data;
  self->streams = g_ptr_array_new_with_free_func ((GDestroyNotify) stream_free);
  self->session = new_session (self);
  (void) nghttp2_submit_settings (self->session, NGHTTP2_FLAG_NONE, settings,
                                  G_N_ELEMENTS (settings));
  (void) nghttp2_session_set_local_window_size (self->session, NGHTTP2_FLAG_NONE, 0,
                                                CONNECTION_WINDOW_BYTES);

  return self;
}

void
bfy_run_h2_free (BfyRunH2 *self)
{
  if (self == NULL)
    return;

  while (self->streams->len > 0)
    drop_stream (self, self->streams->pdata[0]);
  nghttp2_session_del (self->session);
  g_ptr_array_unref (self->streams);
  g_free (self);
}

gboolean
bfy_run_h2_feed (BfyRunH2 *self, const guint8 *bytes, gsize length)
{
  return nghttp2_session_mem_recv (self->session, bytes, length) == (ssize_t) length;
}

void
bfy_run_h2_pull (BfyRunH2 *self, GByteArray *out, gsize most)
{
  const guint8 *bytes = NULL;

  while (out->len < most)
    {
      ssize_t n = nghttp2_session_mem_send (self->session, &bytes);

      if (n <= 0)
        return;
      g_byte_array_append (out, bytes, (guint) n);
    }
}

void
bfy_run_h2_end (BfyRunH2 *self)
{
  (void) nghttp2_session_terminate_session (self->session, NGHTTP2_NO_ERROR);
  self->events->on_output (self->user_data);
}

gboolean
bfy_run_h2_is_over (BfyRunH2 *self)
{
  return !nghttp2_session_want_read (self->session) && !nghttp2_session_want_write (self->session);
}

guint
bfy_run_h2_count (BfyRunH2 *self)
{
  return self->streams->len;
}
