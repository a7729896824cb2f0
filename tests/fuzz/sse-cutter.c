/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* However a stream is cut, the pieces are the stream, each says at most one thing, and together
 * they say what the parser makes of the whole. */

#include "protocol/sse-cutter.h"

#include <string.h>

#include "protocol/error.h"
#include "tests/fuzz/fuzz.h"

static const gsize limits[] = { 0, 7, 32, G_MAXSIZE };

typedef struct
{
  GString *bytes; /* (owned) all pieces */
  GString *said;  /* (owned) all events in one unambiguous text */
  gsize event_bytes_max;
} Log;

static void
append_event (GString *said, const BfySseEvent *event)
{
  g_string_append_printf (said, "<%s|%" G_GSIZE_FORMAT "|", event->type, event->length);
  g_string_append_len (said, event->data, (gssize) event->length);
}

static void
on_event (const BfySseEvent *event, gpointer user_data)
{
  append_event (user_data, event);
}

static void
on_piece (const char *bytes, gsize length, const BfySseEvent *event, gpointer user_data)
{
  Log *log = user_data;

  g_assert_cmpuint (length, >, 0);
  g_assert_cmpuint (length, <=, log->event_bytes_max);
  g_assert_true (bytes[length - 1] == '\n' || bytes[length - 1] == '\r');
  g_string_append_len (log->bytes, bytes, (gssize) length);
  if (event != NULL)
    append_event (log->said, event);
}

/* TRUE when nothing was too large. */
static gboolean
cut (const char *bytes, gsize length, gsize step, Log *log)
{
  g_autoptr (BfySseCutter) cutter = bfy_sse_cutter_new (log->event_bytes_max, on_piece, log);

  for (gsize start = 0; start < length; start += step)
    {
      g_autoptr (GError) error = NULL;

      if (bfy_sse_cutter_feed (cutter, bytes + start, MIN (step, length - start), &error))
        continue;
      g_assert_error (error, BFY_ERROR, BFY_ERROR_RESPONSE_TOO_LARGE);
      return FALSE;
    }

  return TRUE;
}

static void
check (const char *bytes, gsize length, gsize limit, const GString *want)
{
  static const gsize steps[] = { 1, 2, 5 };
  Log whole = { g_string_new (NULL), g_string_new (NULL), limit };
  gboolean fits = cut (bytes, length, MAX (length, 1), &whole);

  g_assert_cmpuint (whole.bytes->len, <=, length);
  g_assert_cmpmem (whole.bytes->str, whole.bytes->len, bytes, whole.bytes->len);
  if (limit == G_MAXSIZE)
    g_assert_true (g_string_equal (whole.said, want));
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      Log parts = { g_string_new (NULL), g_string_new (NULL), limit };

      g_assert_true (cut (bytes, length, steps[i], &parts) == fits);
      g_assert_true (g_string_equal (parts.bytes, whole.bytes));
      g_assert_true (g_string_equal (parts.said, whole.said));
      g_string_free (parts.bytes, TRUE);
      g_string_free (parts.said, TRUE);
    }
  g_string_free (whole.bytes, TRUE);
  g_string_free (whole.said, TRUE);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *bytes = (const char *) data;
  g_autoptr (GString) want = g_string_new (NULL);
  g_autoptr (BfySseParser) parser = bfy_sse_parser_new (G_MAXSIZE, on_event, want);

  g_assert_true (bfy_sse_parser_feed (parser, bytes, size, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    check (bytes, size, limits[i], want);

  return 0;
}
