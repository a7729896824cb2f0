/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The input is one message of either era. Whatever it is, every translation of checked JSON is
 * checked JSON again, and what has been translated has nothing of the other era left. */

#include "protocol/era-bridge.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static void
check_json (char *taken)
{
  g_autofree char *text = taken;
  g_autoptr (GError) error = NULL;

  if (text == NULL)
    return;
  g_assert_true (bfy_json_check (text, strlen (text), &error));
}

static void
check_legacy (const BfyJsonSlice *message)
{
  g_autofree char *text = bfy_era_request_to_legacy (message, "1", NULL);
  BfyEraClaim claim;
  BfyJsonSlice root;

  bfy_json_slice_root (text, strlen (text), &root);
  bfy_era_claim_read (&root, &claim);
  g_assert_null (claim.version.start);
  g_assert_null (claim.capabilities.start);
  g_assert_null (claim.progress_token.start);
  check_json (g_steal_pointer (&text));
}

static void
check_filter (const BfyJsonSlice *message)
{
  g_auto (BfyEraFilter) filter = { 0 };

  bfy_era_filter_read (message, &filter);
  check_json (bfy_era_filter_to_json (&filter));
  bfy_era_filter_limit (&filter, message);
  check_json (bfy_era_filter_to_json (&filter));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const BfyEraEnvelope envelope = { "{}", NULL, "\"info\"" };
  const char *text = (const char *) data;
  BfyJsonSlice root;

  /* Translation adds a level or two. */
  if (size > 4096 || !bfy_json_check (text, size, NULL))
    return 0;
  bfy_json_slice_root (text, size, &root);
  if (root.type != BFY_JSON_OBJECT)
    return 0;

  check_legacy (&root);
  check_filter (&root);
  check_json (bfy_era_request_to_modern (&root, "1", &envelope, "{}", "\"s\""));
  check_json (bfy_era_result_to_modern ("tools/list", &root, "{}"));
  check_json (bfy_era_result_to_legacy ("tools/list", &root));
  check_json (bfy_era_discover_result (&root));
  check_json (bfy_era_initialize_result (&root, "2025-11-25", "b"));
  check_json (bfy_era_input_request ("sampling/createMessage", &root));
  check_json (bfy_era_server_request (&root, "\"1\""));
  check_json (bfy_era_set_progress_token (&root, "1"));
  check_json (bfy_era_set_subscription (&root, "1"));
  check_json (bfy_era_error_to_modern ("resources/read", &root));
  check_json (bfy_era_error_to_legacy ("resources/read", &root));

  return 0;
}
