/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The input is the target of a request to the redirect listener. Without the state nothing comes of
 * it; a code that comes out is printable and came with the state; and no answer is taken that names
 * another issuer. */

#include "protocol/callback.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

#define STATE "S1"
#define ISSUER "https://as"

static BfyCallbackVerdict
judge (const char *target, const char *state, gboolean sends_iss, BfySecret **code)
{
  g_autoptr (BfySecret) secret = bfy_secret_new (state, strlen (state));
  const BfyCallbackRequest request = { .method = "GET", .target = target, .host = "127.0.0.1:1" };
  const BfyCallbackExpected expected = {
    .port = 1, .state = secret, .issuer = ISSUER, .sends_iss = sends_iss
  };
  const char *reason;
  BfyCallbackVerdict verdict = bfy_callback_judge (&request, &expected, code, &reason);

  g_assert_true ((*code != NULL) == (verdict == BFY_CALLBACK_CODE));
  g_assert_true ((reason != NULL) == (verdict == BFY_CALLBACK_REFUSED));

  return verdict;
}

static void
check_code (const BfySecret *code)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (code, &length);

  g_assert_cmpuint (length, >, 0);
  for (gsize i = 0; i < length; i++)
    g_assert_true (bytes[i] >= 0x20 && bytes[i] <= 0x7e);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *target = g_strndup ((const char *) data, size);
  g_autoptr (BfySecret) code = NULL;
  g_autoptr (BfySecret) strict = NULL;
  g_autoptr (BfySecret) stolen = NULL;
  g_autofree char *unsaid = g_strnfill (size + 1, 'x');
  BfyCallbackVerdict verdict = judge (target, STATE, FALSE, &code);

  if (code != NULL)
    check_code (code);
  /* A server that announces `iss` is trusted with less, never with more. */
  if (judge (target, STATE, TRUE, &strict) == BFY_CALLBACK_CODE)
    g_assert_cmpint (verdict, ==, BFY_CALLBACK_CODE);
  g_assert_false (bfy_callback_is_answer (judge (target, unsaid, FALSE, &stolen)));

  return 0;
}
