/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The first lines are the three headers ("-" for none), the rest is the body. What counts as modern
 * names the same method in header and body, and a value that says a text says no other one. The
 * same body is read as an answer to initialize too. */

#include "protocol/era.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

#define N_HEADERS 3

static const char *
header (const char *line)
{
  return strcmp (line, "-") == 0 ? NULL : line;
}

static void
check_modern (const BfyRpc *rpc, const BfyEraHeaders *headers)
{
  const BfyRpcMessage *message = bfy_rpc_message (rpc, 0);

  g_assert_false (bfy_rpc_is_batch (rpc));
  g_assert_cmpint (message->kind, !=, BFY_RPC_RESPONSE);
  if (headers->method != NULL)
    g_assert_true (bfy_era_header_says (headers->method, message->method));
  if (message->kind == BFY_RPC_REQUEST)
    {
      g_assert_nonnull (headers->version);
      g_assert_nonnull (headers->method);
      g_assert_true (bfy_era_header_says (headers->version, message->protocol_version));
    }
}

static void
check_agreed (const char *body)
{
  g_autofree char *version = bfy_era_agreed_version (body, strlen (body));

  if (version != NULL)
    g_assert_cmpuint (strlen (version), <=, strlen (body));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", N_HEADERS + 1);
  g_autoptr (BfyRpc) rpc = NULL;
  const char *message = NULL;
  BfyEraHeaders headers;
  BfyEra era;

  if (g_strv_length (lines) != N_HEADERS + 1)
    return 0;

  if (strcmp (lines[0], lines[1]) != 0)
    g_assert_false (bfy_era_header_says (lines[2], lines[0]) &&
                    bfy_era_header_says (lines[2], lines[1]));
  check_agreed (lines[N_HEADERS]);
  rpc = bfy_rpc_parse (lines[N_HEADERS], strlen (lines[N_HEADERS]), NULL);
  if (rpc == NULL)
    return 0;

  headers = (BfyEraHeaders){ header (lines[0]), header (lines[1]), header (lines[2]) };
  era = bfy_era_of (rpc, &headers);
  if (era == BFY_ERA_MODERN)
    check_modern (rpc, &headers);
  g_assert_cmpint (bfy_era_error (era, &message) == BFY_N_ERRORS, ==, message == NULL);

  return 0;
}
