/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A policy that is understood says of itself what it was made of, decides alike when it is read
 * back, and never shows what it would not let through. */

#include "protocol/policy.h"

#include <string.h>

#include "protocol/json.h"
#include "tests/fuzz/fuzz.h"

static BfyPolicy *
read_back (const BfyPolicy *policy)
{
  g_autoptr (JsonObject) object = bfy_policy_to_json (policy);
  gsize length;
  g_autofree char *text = bfy_json_object_to_text (object, &length);
  /* Written out it may be longer than a document can be. */
  BfyPolicy *copy = bfy_policy_parse (text, length, NULL);

  g_assert_true (copy != NULL || length > BFY_POLICY_BYTES_MAX);

  return copy;
}

static void
compare (const BfyPolicy *policy, const BfyPolicy *copy, const char *name)
{
  static const struct
  {
    const char *method;
    BfyPolicyKind kind;
  } rows[] = {
    { "tools/call", BFY_POLICY_TOOL },
    { "prompts/get", BFY_POLICY_PROMPT },
    { "resources/read", BFY_POLICY_RESOURCE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      BfyRpcMessage message = { .kind = BFY_RPC_REQUEST,
                                .method = (char *) rows[i].method,
                                .name = (char *) name,
                                .uri = (char *) name };
      BfyPolicyVerdict verdict = bfy_policy_check (policy, &message, NULL);
      BfyPolicyVerdict again = bfy_policy_check (copy, &message, NULL);

      g_assert_cmpint (verdict.effect, ==, again.effect);
      g_assert_cmpint (verdict.reason, ==, again.reason);
      g_assert_cmpuint (verdict.rule, ==, again.rule);
      g_assert_cmpint (verdict.effect != BFY_POLICY_DENY, ==,
                       bfy_policy_shows (policy, rows[i].kind, name, NULL));
      if (!bfy_policy_hides (policy, rows[i].kind, NULL))
        g_assert_true (verdict.effect == BFY_POLICY_ALLOW || verdict.reason == BFY_POLICY_UNCLEAR);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyPolicy) policy = bfy_policy_parse ((const char *) data, size, &error);
  g_autoptr (BfyPolicy) copy = NULL;
  g_autofree char *name = NULL;

  if (policy == NULL)
    {
      g_assert_true (g_error_matches (error, BFY_ERROR, BFY_ERROR_PARSE) ||
                     g_error_matches (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT) ||
                     g_error_matches (error, BFY_ERROR, BFY_ERROR_TOO_LARGE));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (bfy_policy_peek_text (policy)), ==, size);
  copy = read_back (policy);
  name = g_utf8_make_valid ((const char *) data, (gssize) (size % 64));
  for (gsize i = 0; copy != NULL && i <= strlen (name); i += 8)
    {
      g_autofree char *part = g_utf8_make_valid (name + i, -1);

      compare (policy, copy, part);
    }

  return 0;
}
