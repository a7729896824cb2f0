/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever a token endpoint, or a device authorization endpoint, answers: tokens that can be kept,
 * or one sentence that repeats nothing. The first byte chooses status and type. */

#include "protocol/token-answer.h"

#include <string.h>

#include "protocol/device-answer.h"
#include "protocol/error.h"
#include "tests/fuzz/fuzz.h"

static const guint statuses[] = { 200, 400, 401, 403, 429, 500 };
static const char *const types[] = { NULL, "application/json", "application/x-www-form-urlencoded",
                                     "text/html" };

static void
check_merge (const BfyTokenAnswer *answer)
{
  g_autoptr (BfyOAuthClient) client =
      bfy_oauth_client_new (BFY_CLIENT_CONFIGURED, "https://as.example", "id");
  g_autoptr (BfyOAuthSource) source = bfy_oauth_source_new (client, "https://as.example/token");
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyCredential) fresh =
      bfy_token_answer_merge (answer, NULL, source, 1700000000, &error);

  if (fresh == NULL)
    {
      g_assert_error (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED);
      return;
    }
  g_assert_true (fresh->expires_at_s == 0 || fresh->expires_at_s > 1700000000);
  g_assert_true (bfy_token_set_check (fresh, NULL, NULL));
}

static void
check_answer (guint status, const char *type, const BfySecret *body)
{
  g_autoptr (BfyTokenAnswer) answer = bfy_token_answer_parse (status, type, body, 0);

  g_assert_true ((answer->outcome == BFY_TOKEN_GRANTED) == (answer->access != NULL));
  g_assert_true ((answer->outcome == BFY_TOKEN_GRANTED) == (answer->problem == NULL));
  g_assert_true (answer->outcome != BFY_TOKEN_GRANTED || status == 200);
  if (answer->error != NULL)
    g_assert_cmpuint (strspn (answer->error, "abcdefghijklmnopqrstuvwxyz_"), ==,
                      strlen (answer->error));
  if (answer->outcome == BFY_TOKEN_GRANTED)
    check_merge (answer);
}

static void
check_device (guint status, const char *type, const BfySecret *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyDeviceAnswer) answer = bfy_device_answer_parse (status, type, body, FALSE, &error);

  if (answer == NULL)
    {
      g_assert_error (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED);
      return;
    }
  g_assert_true (g_ascii_strncasecmp (answer->verification_uri, "https://", 8) == 0);
  g_assert_cmpint (answer->interval_s, >=, 1);
  g_assert_cmpint (answer->expires_in_s, >=, 1);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (BfySecret) body = size > 0 ? bfy_secret_new (data + 1, size - 1) : NULL;
  guint choice = size > 0 ? data[0] : 0;
  guint status = statuses[choice % G_N_ELEMENTS (statuses)];
  const char *type = types[choice / G_N_ELEMENTS (statuses) % G_N_ELEMENTS (types)];

  check_answer (status, type, body);
  check_device (status, type, body);

  return 0;
}
