/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/h2-errand.h"

#include <string.h>

#define PIECE_BYTES (64 * 1024)
#define METHOD_BYTES_MAX 32
#define STATUS_LONG_HEADERS 431 /* RFC 6585, 5 */

typedef struct
{
  grefcount ref_count;
  BfyRunStream *stream;      /* (nullable) borrowed; NULL when nobody waits any more */
  GInputStream *body;        /* (owned) (nullable) of the answer */
  GCancellable *cancellable; /* (owned) */
} Errand;

static const BfyRunFault malformed = { SOUP_STATUS_BAD_REQUEST, "bad_request",
                                       "This is no request for a path of this host" };
static const BfyRunFault long_headers = { STATUS_LONG_HEADERS, "too_large",
                                          "The headers are longer than the proxy of a run takes" };

static void
errand_unref (Errand *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;

  g_object_unref (self->cancellable);
  g_clear_object (&self->body);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Errand, errand_unref)

static Errand *
errand_ref (Errand *self)
{
  g_ref_count_inc (&self->ref_count);

  return self;
}

static void
refuse (BfyRunStream *stream, const BfyRunFault *refusal)
{
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  char *text = bfy_run_request_format_error (refusal->error, refusal->text, NULL);
  g_autoptr (GBytes) body = g_bytes_new_take (text, strlen (text));

  soup_message_headers_append (headers, "Content-Type", "application/json");
  bfy_run_stream_respond_whole (stream, refusal->status, headers, body);
}

static void
on_piece (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Errand) errand = user_data;
  g_autoptr (GBytes) piece =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, NULL);

  if (errand->stream == NULL)
    return;
  if (piece == NULL)
    bfy_run_stream_break_off (errand->stream);
  else if (g_bytes_get_size (piece) > 0)
    bfy_run_stream_append (errand->stream, piece);
  else
    bfy_run_stream_end (errand->stream);
}

/* No more is read than is taken. */
void
bfy_run_errand_go_on (BfyRunStream *stream)
{
  Errand *errand = stream->errand;

  if (errand != NULL && errand->body != NULL && !g_input_stream_has_pending (errand->body))
    g_input_stream_read_bytes_async (errand->body, PIECE_BYTES, G_PRIORITY_DEFAULT,
                                     errand->cancellable, on_piece, errand_ref (errand));
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Errand) errand = user_data;
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  SoupMessage *answer = soup_session_get_async_result_message (SOUP_SESSION (source), result);
  SoupMessageHeaders *from = soup_message_get_response_headers (answer);

  errand->body = soup_session_send_finish (SOUP_SESSION (source), result, NULL);
  if (errand->stream == NULL)
    return;
  if (errand->body == NULL)
    {
      refuse (errand->stream, &bfy_run_fault_no_agent);
      return;
    }

  bfy_run_request_copy_answer (from, headers);
  if (soup_message_headers_get_encoding (from) == SOUP_ENCODING_CONTENT_LENGTH)
    soup_message_headers_set_content_length (headers,
                                             soup_message_headers_get_content_length (from));
  bfy_run_errand_go_on (errand->stream);
  bfy_run_stream_respond (errand->stream, soup_message_get_status (answer), headers);
}

static void
send_on (BfyRunStream *stream, SoupSession *session, SoupMessage *request)
{
  Errand *errand = g_new0 (Errand, 1);

  g_ref_count_init (&errand->ref_count);
  errand->stream = stream;
  errand->cancellable = g_cancellable_new ();
  stream->errand = errand;
  soup_session_send_async (session, request, G_PRIORITY_DEFAULT, errand->cancellable, on_answer,
                           errand_ref (errand));
}

static gboolean
is_method (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && length <= METHOD_BYTES_MAX && strcmp (text, "CONNECT") != 0 &&
         strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == length;
}

/* As the agent would get it: ASCII without blanks, and nothing behind a "#". */
static gboolean
is_path (const char *text)
{
  if (text[0] != '/')
    return FALSE;
  for (; *text != '\0'; text++)
    {
      if (!g_ascii_isgraph (*text) || *text == '#')
        return FALSE;
    }

  return TRUE;
}

/* The pieces are put together as they are: nothing is read into them. */
static GUri *
read_uri (const BfyRunStream *stream)
{
  BfyRunTarget target;
  const char *query;
  g_autofree char *path = NULL;

  if (stream->method == NULL || stream->authority == NULL || stream->path == NULL ||
      g_strcmp0 (stream->scheme, "https") != 0 || !is_method (stream->method) ||
      !is_path (stream->path) ||
      !bfy_run_target_parse (stream->authority, strlen (stream->authority), 443, &target))
    return NULL;

  query = strchr (stream->path, '?');
  path = g_strndup (stream->path, strcspn (stream->path, "?"));

  return g_uri_build (SOUP_HTTP_URI_FLAGS, "https", NULL, target.host, target.port, path,
                      query != NULL ? query + 1 : NULL, NULL);
}

static SoupMessage *
judge (BfyRunStream *stream, const BfyRunPlace *place, const BfyRunFault **refusal)
{
  g_autoptr (GUri) uri = read_uri (stream);
  GByteArray *bytes = stream->body;
  g_autoptr (GBytes) body = g_bytes_new_with_free_func (
      bytes->data, bytes->len, (GDestroyNotify) g_byte_array_unref, g_byte_array_ref (bytes));
  const BfyRunRequest request = { stream->method, stream->authority, uri, stream->headers, body };

  *refusal = &malformed;

  return uri != NULL ? bfy_run_request_judge (place, &request, refusal) : NULL;
}

void
bfy_run_errand_begin (BfyRunStream *stream, const BfyRunPlace *place)
{
  const BfyRunFault *refusal = NULL;
  g_autoptr (SoupMessage) request = NULL;

  switch (stream->state)
    {
    case BFY_RUN_H2_WHOLE:
      request = judge (stream, place, &refusal);
      break;
    case BFY_RUN_H2_LONG_HEADERS:
      refusal = &long_headers;
      break;
    case BFY_RUN_H2_LONG_BODY:
      refusal = &bfy_run_fault_too_large;
      break;
    }
  if (request != NULL)
    send_on (stream, place->session, request);
  else
    refuse (stream, refusal);
}

void
bfy_run_errand_forget (BfyRunStream *stream)
{
  Errand *errand = g_steal_pointer (&stream->errand);

  if (errand == NULL)
    return;

  errand->stream = NULL;
  g_cancellable_cancel (errand->cancellable);
  errand_unref (errand);
}
