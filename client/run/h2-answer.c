/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "client/run/h2-private.h"

#define TEXT_PAIR(name, value)                                                                     \
  {                                                                                                \
    (uint8_t *) (name), (uint8_t *) (value), strlen (name), strlen (value), NGHTTP2_NV_FLAG_NONE   \
  }

static void
finish_piece (BfyRunStream *stream)
{
  BfyRunH2 *self = stream->session;

  g_clear_pointer (&stream->piece, g_bytes_unref);
  stream->n_sent = 0;
  self->n_controls = 0;
  self->events->on_taken (stream, self->user_data);
}

/* Who still sends after that is told that nobody listens (8.1). */
static void
finish (BfyRunStream *stream, uint32_t *flags)
{
  nghttp2_session *session = stream->session->session;

  *flags |= NGHTTP2_DATA_FLAG_EOF;
  if (nghttp2_session_get_stream_remote_close (session, stream->id) == 0)
    (void) nghttp2_submit_rst_stream (session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
}

/* Takes from the piece that is there; without one the stream waits until the next has come. */
static ssize_t
on_read (nghttp2_session *session,
         int32_t id,
         uint8_t *buffer,
         size_t most,
         uint32_t *flags,
         nghttp2_data_source *source,
         void *user_data)
{
  BfyRunStream *stream = source->ptr;
  gsize length = 0;
  const guint8 *bytes = stream->piece != NULL ? g_bytes_get_data (stream->piece, &length) : NULL;
  gsize n = MIN (length - stream->n_sent, most);

  if (stream->piece == NULL && !stream->is_ended)
    return NGHTTP2_ERR_DEFERRED;
  if (stream->piece == NULL)
    {
      finish (stream, flags);
      return 0;
    }

  memcpy (buffer, bytes + stream->n_sent, n);
  stream->n_sent += n;
  if (stream->n_sent == length)
    finish_piece (stream);

  return (ssize_t) n;
}

static gboolean
is_sound (const char *name, const char *value)
{
  return nghttp2_check_header_name ((const uint8_t *) name, strlen (name)) != 0 &&
         nghttp2_check_header_value ((const uint8_t *) value, strlen (value)) != 0;
}

/* @names keeps what the pairs point to. */
static void
add_pairs (GArray *pairs, GPtrArray *names, SoupMessageHeaders *headers)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      char *lower = g_ascii_strdown (name, -1);
      const nghttp2_nv pair = TEXT_PAIR (lower, value);

      g_ptr_array_add (names, lower);
      if (is_sound (lower, value))
        g_array_append_val (pairs, pair);
    }
}

void
bfy_run_stream_respond (BfyRunStream *stream, guint status, SoupMessageHeaders *headers)
{
  BfyRunH2 *self = stream->session;
  g_autofree char *code = g_strdup_printf ("%03u", status);
  const nghttp2_nv first = TEXT_PAIR (":status", code);
  const nghttp2_data_provider provider = { { .ptr = stream }, on_read };
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (nghttp2_nv));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  g_array_append_val (pairs, first);
  add_pairs (pairs, names, headers);
  stream->is_answered = TRUE;
  (void) nghttp2_submit_response (self->session, stream->id, &g_array_index (pairs, nghttp2_nv, 0),
                                  pairs->len, &provider);
  self->events->on_output (self->user_data);
}

void
bfy_run_stream_respond_whole (BfyRunStream *stream,
                              guint status,
                              SoupMessageHeaders *headers,
                              GBytes *body)
{
  stream->piece = g_bytes_ref (body);
  stream->is_ended = TRUE;
  bfy_run_stream_respond (stream, status, headers);
}

static void
resume (BfyRunStream *stream)
{
  BfyRunH2 *self = stream->session;

  (void) nghttp2_session_resume_data (self->session, stream->id);
  self->events->on_output (self->user_data);
}

void
bfy_run_stream_append (BfyRunStream *stream, GBytes *piece)
{
  g_return_if_fail (stream->piece == NULL && g_bytes_get_size (piece) > 0);

  stream->piece = g_bytes_ref (piece);
  resume (stream);
}

void
bfy_run_stream_end (BfyRunStream *stream)
{
  stream->is_ended = TRUE;
  resume (stream);
}

void
bfy_run_stream_break_off (BfyRunStream *stream)
{
  BfyRunH2 *self = stream->session;

  (void) nghttp2_submit_rst_stream (self->session, NGHTTP2_FLAG_NONE, stream->id,
                                    NGHTTP2_INTERNAL_ERROR);
  self->events->on_output (self->user_data);
}
