/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What comes out does not depend on how the stream is cut into pieces, and filtering it once more
 * changes nothing: no list in it shows what is hidden. */

#include "protocol/list-stream.h"

#include <string.h>

#include "protocol/list-view.h"
#include "protocol/sse.h"
#include "tests/fuzz/fuzz.h"

#define BYTES_MAX 4096

static const char document[] =
    "{\"version\":1,\"default\":\"allow\",\"rules\":[{\"tool\":\"hidden*\",\"effect\":\"deny\"},"
    "{\"prompt\":\"h*\",\"effect\":\"deny\"},{\"resource\":\"h*\",\"effect\":\"deny\"}]}";

/* NULL when the stream cannot be filtered. */
static GString *
run (BfyPolicy *policy, const char *text, gsize length, gsize step)
{
  BfyListViewSetup setup = { .policy = policy };
  g_autoptr (BfyListStream) stream = bfy_list_stream_new (&setup, BYTES_MAX);
  g_autoptr (GString) out = g_string_new (NULL);

  for (gsize at = 0; at < length; at += step)
    if (!bfy_list_stream_feed (stream, text + at, MIN (step, length - at), out, NULL))
      return NULL;

  return bfy_list_stream_end (stream, out, NULL) ? g_steal_pointer (&out) : NULL;
}

static void
on_event (const BfySseEvent *event, gpointer user_data)
{
  BfyListViewSetup setup = { .policy = user_data };
  g_autofree char *again = NULL;
  gsize length;

  if (event->length == 0 || !bfy_list_view_may_have_list (event->data, event->length))
    return;
  again = bfy_list_view_filter (&setup, event->data, event->length, &length, NULL);
  g_assert_null (again);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (BfyPolicy) policy = bfy_policy_parse (document, strlen (document), NULL);
  g_autoptr (GString) whole = run (policy, (const char *) data, size, MAX (size, 1));
  g_autoptr (GString) pieces = run (policy, (const char *) data, size, 1);
  g_autoptr (BfySseParser) parser = bfy_sse_parser_new (2 * BYTES_MAX, on_event, policy);
  gboolean is_parsed;

  g_assert_cmpint (whole != NULL, ==, pieces != NULL);
  if (whole == NULL)
    return 0;
  g_assert_cmpmem (whole->str, whole->len, pieces->str, pieces->len);
  is_parsed = bfy_sse_parser_feed (parser, whole->str, whole->len, NULL);
  (void) is_parsed;

  return 0;
}
