/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever a service answers, what a client reads is the same however it comes, and an answer that
 * is no stream is exactly one event whose data is what has been checked. */

#include "protocol/sse-answer.h"

#include <string.h>

#include "protocol/sse.h"
#include "tests/fuzz/fuzz.h"

#define REQUEST "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\"}"

typedef struct
{
  guint status;
  const char *type;
} Head;

static const Head heads[] = {
  { 200, "application/json" },
  { 200, "text/event-stream" },
  { 200, "text/html" },
  { 400, "application/json" },
  { 404, NULL },
};

static void
on_event (const BfySseEvent *event, gpointer user_data)
{
  guint *n_events = user_data;

  g_assert_cmpstr (event->type, ==, "message");
  g_assert_null (event->id);
  g_assert_true (bfy_json_check (event->data, event->length, NULL));
  (*n_events)++;
}

static GString *
answer (const Head *head, const char *bytes, gsize length, gsize step)
{
  g_autoptr (BfySseAnswer) self =
      bfy_sse_answer_new (bfy_rpc_parse (REQUEST, strlen (REQUEST), NULL), TRUE);
  GString *out = g_string_new (NULL);

  bfy_sse_answer_begin (self, head->status, head->type);
  for (gsize start = 0; start < length; start += step)
    bfy_sse_answer_feed (self, bytes + start, MIN (step, length - start), out);
  bfy_sse_answer_end (self, out);

  return out;
}

static void
check_one_event (const GString *stream)
{
  guint n_events = 0;
  g_autoptr (BfySseParser) parser = bfy_sse_parser_new (G_MAXSIZE, on_event, &n_events);

  g_assert_true (bfy_sse_parser_feed (parser, stream->str, stream->len, NULL));
  g_assert_cmpuint (n_events, ==, 1);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const gsize steps[] = { 1, 3 };
  const char *bytes = (const char *) data;

  for (gsize i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_autoptr (GString) whole = answer (&heads[i], bytes, size, MAX (size, 1));

      for (gsize j = 0; j < G_N_ELEMENTS (steps); j++)
        {
          g_autoptr (GString) parts = answer (&heads[i], bytes, size, steps[j]);

          g_assert_true (g_string_equal (whole, parts));
        }
      if (i != 1 && size <= BFY_SSE_ANSWER_CHECKED_BYTES_MAX)
        check_one_event (whole);
    }

  return 0;
}
