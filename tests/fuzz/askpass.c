/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The first byte is the exit status; whatever the program wrote, a yes has the status 0 and is a
 * known word by itself, or nothing at all. */

#include <string.h>

#include "agent/prompt/askpass-answer.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *output = (const char *) data + (size > 0 ? 1 : 0);
  gsize length = size > 0 ? size - 1 : 0;
  int status = size > 0 ? (int) (gint8) data[0] : 0;
  BfyAskpassAnswer said = bfy_askpass_read (status, output, length);
  const char *word;
  gsize n;

  if (said.outcome != BFY_ASKPASS_ANSWERED)
    {
      g_assert_cmpint (said.answer, ==, BFY_ANSWER_DISMISS);
      return 0;
    }
  if (said.answer != BFY_ANSWER_ALLOW)
    return 0;

  g_assert_cmpint (status, ==, 0);
  n = length - (length > 0 && output[length - 1] == '\n' ? 1 : 0);
  word = bfy_grant_scope_to_wire (said.scope);
  g_assert_true (n == 0 || (n == strlen (word) && memcmp (output, word, n) == 0));

  return 0;
}
