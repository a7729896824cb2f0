/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever a terminal sends: a letter is one of those bytes, and none within a sequence counts. */

#include "client/keys.h"

#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  BfyKeys keys = { 0 };

  for (gsize i = 0; i < size; i++)
    {
      BfyKeysState before = keys.state;
      BfyKey key = bfy_keys_feed (&keys, data[i]);

      g_assert_cmpint (key.kind, <=, BFY_KEY_REDRAW);
      if (key.kind != BFY_KEY_LETTER)
        continue;
      g_assert_cmpint (before, ==, BFY_KEYS_PLAIN);
      g_assert_cmpint (key.letter, ==, data[i]);
      g_assert_true (g_ascii_isprint (key.letter));
    }
  bfy_keys_reset (&keys);
  g_assert_cmpint (bfy_keys_feed (&keys, 'q').kind, ==, BFY_KEY_LETTER);

  return 0;
}
