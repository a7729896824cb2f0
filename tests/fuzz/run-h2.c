/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever a command in a run says in HTTP/2: each request is handed out once and no more of them
 * are there than were allowed, what is held is within its limits, and nothing is left at the end.
 */

#include <string.h>

#include "client/run/h2.h"
#include "client/run/request.h"
#include "tests/fuzz/fuzz.h"

#define MAGIC "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define PIECES 3

typedef struct
{
  guint n_open;
} Count;

static void
on_request (BfyRunStream *stream, gpointer user_data)
{
  Count *count = user_data;
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  g_autoptr (GBytes) body = g_bytes_new_static ("x", 1);

  g_assert_null (stream->errand);
  g_assert_cmpuint (stream->body->len, <=, BFY_RUN_BODY_BYTES_MAX);
  g_assert_cmpuint (bfy_run_h2_count (stream->session), <=, BFY_RUN_H2_STREAMS_MAX);
  for (const char *c = stream->path; c != NULL && *c != '\0'; c++)
    g_assert_false (g_ascii_iscntrl (*c) || *c == ' ');
  stream->errand = count;
  count->n_open++;
  if (stream->id % 4 == 1)
    bfy_run_stream_respond_whole (stream, 200, headers, body);
}

static void
on_taken (BfyRunStream *stream, gpointer user_data)
{
  g_assert_null (stream->piece);
}

static void
on_gone (BfyRunStream *stream, gpointer user_data)
{
  Count *count = user_data;

  if (stream->errand != NULL)
    count->n_open--;
}

static void
on_output (gpointer user_data)
{
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const BfyRunH2Events events = { on_request, on_taken, on_gone, on_output };
  Count count = { 0 };
  BfyRunH2 *session = bfy_run_h2_new (&events, &count);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  gboolean is_sound = bfy_run_h2_feed (session, (const guint8 *) MAGIC, strlen (MAGIC));
  gsize step = size / PIECES + 1;

  for (gsize at = 0; is_sound && at < size; at += step)
    {
      is_sound = bfy_run_h2_feed (session, data + at, MIN (step, size - at));
      bfy_run_h2_pull (session, out, G_MAXUINT16);
    }
  bfy_run_h2_free (session);
  g_assert_cmpuint (count.n_open, ==, 0);

  return 0;
}
