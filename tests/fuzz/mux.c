/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The input is one message. As a request it goes to a server on one line with an id of ours; echoed
 * as an answer it comes back with the id it had; as a line of the server it is dropped or stays
 * JSON. */

#include "agent/child/mux.h"

#include <string.h>

#include "protocol/json.h"
#include "tests/fuzz/fuzz.h"

static void
check_line (const char *line, gsize length)
{
  g_assert_null (memchr (line, '\n', length));
  g_assert_true (bfy_json_check (line, length, NULL));
}

static void
check_request (const char *text, gsize size, const BfyRpcMessage *message)
{
  g_autoptr (BfyMux) mux = bfy_mux_new (TRUE);
  g_auto (BfyMuxMessage) answer = { .kind = BFY_MUX_NONE };
  g_autofree char *line = NULL;
  g_autofree char *response = NULL;
  g_autoptr (BfyRpc) back = NULL;
  guint64 number = 0;

  line = bfy_mux_request (mux, text, size, mux, &number);
  check_line (line, strlen (line));
  back = bfy_rpc_parse (line, strlen (line), NULL);
  g_assert_nonnull (back);
  g_assert_cmpstr (bfy_rpc_message (back, 0)->id, ==, "1");
  g_assert_cmpstr (bfy_rpc_message (back, 0)->method, ==, message->method);
  g_assert_cmpstr (bfy_rpc_message (back, 0)->name, ==, message->name);

  response = bfy_rpc_format_result ("1", "{}");
  bfy_mux_receive (mux, response, strlen (response), &answer);
  g_assert_cmpint (answer.kind, ==, BFY_MUX_RESPONSE);
  g_assert_true (answer.owner == mux);
  g_clear_pointer (&back, bfy_rpc_free);
  back = bfy_rpc_parse (answer.text, answer.length, NULL);
  g_assert_cmpstr (bfy_rpc_message (back, 0)->id, ==, message->id);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text, size, NULL);
  g_autoptr (BfyMux) mux = bfy_mux_new (size % 2 == 0);
  g_auto (BfyMuxMessage) message = { .kind = BFY_MUX_NONE };
  static const char request[] = "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"m\",\"params\":{"
                                "\"_meta\":{\"progressToken\":\"p\"}}}";
  g_autofree char *sent = NULL;
  g_autofree char *passed = NULL;
  guint64 number = 0;

  sent = bfy_mux_request (mux, request, strlen (request), mux, &number);
  bfy_mux_receive (mux, text, size, &message);
  if (message.text != NULL)
    check_line (message.text, message.length);
  g_assert_cmpint (message.kind == BFY_MUX_NONE, ==, message.text == NULL);
  if (rpc == NULL || bfy_rpc_is_batch (rpc))
    {
      g_assert_cmpint (message.kind, ==, BFY_MUX_NONE);
      return 0;
    }

  if (bfy_rpc_message (rpc, 0)->kind == BFY_RPC_REQUEST)
    check_request (text, size, bfy_rpc_message (rpc, 0));
  passed = bfy_mux_pass (mux, text, size);
  if (passed != NULL)
    check_line (passed, strlen (passed));

  return 0;
}
