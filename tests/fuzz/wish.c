/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever a request says, what a person is told of it is one short line without surprises, and it
 * is the same request as its repetition. */

#include "protocol/wish.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

#define CHARACTERS_MAX 121

static void
check_line (const char *line)
{
  g_assert_true (g_utf8_validate (line, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (line, -1), <=, CHARACTERS_MAX);
  for (; *line != '\0'; line = g_utf8_next_char (line))
    g_assert_false (g_unichar_iscntrl (g_utf8_get_char (line)));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const BfyPolicyVerdict verdict = { .effect = BFY_POLICY_ASK };
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse ((const char *) data, size, NULL);

  for (guint i = 0; rpc != NULL && i < bfy_rpc_n_messages (rpc); i++)
    {
      const BfyRpcMessage *message = bfy_rpc_message (rpc, i);
      g_autoptr (BfyWish) wish = NULL;
      g_autoptr (BfyWish) again = NULL;

      if (message->method == NULL)
        continue;
      wish = bfy_wish_new ("id", "name", message, &verdict, "default", BFY_WISH_ONCE);
      again = bfy_wish_new ("id", "name", message, &verdict, "default", BFY_WISH_ONCE);
      bfy_wish_tell_arguments (wish, message);
      g_assert_true (bfy_wish_is_same (wish, again));
      if (wish->arguments != NULL)
        check_line (wish->arguments);
    }

  return 0;
}
