/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A policy that is understood says of itself what it was made of, decides alike when it is read
 * back, and never hides what it would let through. The bytes are also taken for a request: for a
 * message, an HTTP target and body, a GraphQL document, a pattern. What may be sent in one form is
 * judged alike in that form. A line feed alone cuts the document from the request. */

#include "protocol/policy.h"

#include <string.h>

#include "protocol/graphql.h"
#include "protocol/http-path.h"
#include "tests/fuzz/fuzz.h"

#define CUT "\n\n"

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
assert_same (const BfyPolicyVerdict *one, const BfyPolicyVerdict *other)
{
  g_assert_cmpint (one->effect, ==, other->effect);
  g_assert_cmpint (one->reason, ==, other->reason);
  g_assert_cmpuint (one->rule, ==, other->rule);
  g_assert_cmpint (one->access, ==, other->access);
}

static void
compare_names (const BfyPolicy *policy, const BfyPolicy *copy, const char *name)
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
      gboolean shows = bfy_policy_shows (policy, rows[i].kind, name, NULL);

      assert_same (&verdict, &again);
      g_assert_true (shows || verdict.effect == BFY_POLICY_DENY);
      g_assert_true (shows || verdict.reason == BFY_POLICY_UNCLEAR ||
                     bfy_policy_hides (policy, rows[i].kind, NULL));
    }
}

static void
compare_steps (GPtrArray *steps, const BfyPolicyVerdict *traced, const BfyPolicyVerdict *verdict)
{
  assert_same (traced, verdict);
  g_assert_cmpuint (steps->len, >, 0);
  for (guint i = 0; i < steps->len; i++)
    {
      const BfyPolicyStep *step = g_ptr_array_index (steps, i);

      g_assert_true (g_utf8_validate (step->text, -1, NULL));
      g_assert_null (strchr (step->text, '\n'));
    }
}

static void
compare_messages (const BfyPolicy *policy, const BfyPolicy *copy, const char *text, gsize length)
{
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text, length, NULL);

  for (guint i = 0; rpc != NULL && i < bfy_rpc_n_messages (rpc); i++)
    {
      const BfyRpcMessage *message = bfy_rpc_message (rpc, i);
      BfyPolicyVerdict verdict = bfy_policy_check (policy, message, NULL);
      BfyPolicyVerdict again = bfy_policy_check (copy, message, NULL);
      BfyPolicyVerdict traced;
      g_autoptr (GPtrArray) steps = bfy_policy_trace (policy, message, NULL, &traced);

      assert_same (&verdict, &again);
      compare_steps (steps, &traced, &verdict);
    }
}

static void
compare_requests (const BfyPolicy *policy, const char *method, const char *text, gsize length)
{
  g_autofree char *target = g_strndup (text, length);
  g_autofree char *form = bfy_http_target_canonicalize (target);
  BfyHttpMessage request = { method, target, "application/json", text, length };
  BfyPolicyVerdict verdict = bfy_policy_check_http (policy, &request, NULL);
  BfyPolicyVerdict traced;
  g_autoptr (GPtrArray) steps = bfy_policy_trace_http (policy, &request, NULL, &traced);

  compare_steps (steps, &traced, &verdict);
  if (form == NULL)
    {
      g_assert_cmpint (verdict.reason, ==, BFY_POLICY_UNCLEAR);
      request.target = "/graphql";
      bfy_policy_check_http (policy, &request, NULL);
      return;
    }
  request.target = form;
  traced = bfy_policy_check_http (policy, &request, NULL);
  assert_same (&traced, &verdict);
}

static void
read_parts (const char *text, gsize length)
{
  g_autofree char *copy = g_strndup (text, length);

  g_assert_cmpint (bfy_graphql_scan (text, length), !=, BFY_GRAPHQL_NONE);
  if (strlen (copy) < BFY_POLICY_GLOB_BYTES_MAX && bfy_http_pattern_find_problem (copy) == NULL)
    bfy_http_pattern_matches (copy, "GET", "/a/b/c", BFY_HTTP_MATCH_EXACT);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  const char *cut = memmem (text, size, CUT, strlen (CUT));
  gsize length = cut != NULL ? (gsize) (cut - text) : size;
  const char *rest = cut != NULL ? cut + strlen (CUT) : text;
  gsize rest_length = text + size - rest;
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyPolicy) policy = bfy_policy_parse (text, length, &error);
  g_autoptr (BfyPolicy) copy = NULL;
  g_autofree char *name = g_utf8_make_valid (rest, (gssize) MIN (rest_length, 64));

  read_parts (rest, rest_length);
  if (policy == NULL)
    {
      g_assert_true (g_error_matches (error, BFY_ERROR, BFY_ERROR_PARSE) ||
                     g_error_matches (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT) ||
                     g_error_matches (error, BFY_ERROR, BFY_ERROR_TOO_LARGE));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (bfy_policy_peek_text (policy)), ==, length);
  copy = read_back (policy);
  if (copy == NULL)
    return 0;
  compare_names (policy, copy, name);
  compare_messages (policy, copy, rest, rest_length);
  compare_requests (policy, "GET", rest, rest_length);
  compare_requests (policy, "POST", rest, rest_length);

  return 0;
}
