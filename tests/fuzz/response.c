/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* An upstream's answer is taken apart in the same way whether it arrives at once or byte by byte,
 * and never beyond its end. */

#include "agent/proxy/response.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static gsize
feed_all (const char *data, gsize size, gsize step, BfyResponse *answer, GString *bodies)
{
  gsize n_taken = 0;

  bfy_response_init (answer);
  while (n_taken < size && !bfy_response_is_done (answer) && !bfy_response_is_fault (answer))
    {
      const char *body = NULL;
      gsize n_body = 0;
      gsize length = MIN (step, size - n_taken);
      gsize n = bfy_response_feed (answer, data + n_taken, length, &body, &n_body);

      g_assert_cmpuint (n, >, 0);
      g_assert_cmpuint (n, <=, length);
      if (n_body > 0)
        {
          g_assert_true (body >= data + n_taken && body + n_body <= data + n_taken + n);
          g_string_append_len (bodies, body, (gssize) n_body);
        }
      n_taken += n;
    }

  return n_taken;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GString) whole_body = g_string_new (NULL);
  g_autoptr (GString) pieces_body = g_string_new (NULL);
  BfyResponse whole, pieces;
  gsize n_whole = feed_all ((const char *) data, size, size, &whole, whole_body);
  gsize n_pieces = feed_all ((const char *) data, size, 1, &pieces, pieces_body);

  g_assert_true (bfy_response_is_fault (&whole) == bfy_response_is_fault (&pieces));
  if (!bfy_response_is_fault (&whole))
    {
      g_assert_cmpuint (n_whole, ==, n_pieces);
      g_assert_cmpuint (whole.status, ==, pieces.status);
      g_assert_true (whole.length == pieces.length);
      g_assert_cmpint (whole.is_persistent, ==, pieces.is_persistent);
    }
  g_assert_true (g_string_equal (whole_body, pieces_body));
  if (bfy_response_has_head (&whole))
    g_assert_nonnull (whole.headers);
  bfy_response_clear (&whole);
  bfy_response_clear (&pieces);

  return 0;
}
