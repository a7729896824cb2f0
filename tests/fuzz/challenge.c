/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Fields are lines of the input. Whatever they say, what is kept of them is clean: it goes into
 * requests, decisions and, as an error code, into events. */

#include "protocol/challenge.h"

#include <string.h>

#include "protocol/oauth-scope.h"
#include "tests/fuzz/fuzz.h"

static void
check_clean (const char *text)
{
  for (const char *p = text; p != NULL && *p != '\0'; p++)
    g_assert_true (g_ascii_isgraph (*p));
}

static void
check_scope (const char *scope)
{
  g_autofree char *again = bfy_oauth_scope_normalise (scope);

  g_assert_cmpstr (again, ==, scope);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto (GStrv) fields = g_strsplit (text, "\n", -1);
  g_autoptr (BfyChallenge) challenge = bfy_challenge_parse ((const char *const *) fields);
  g_autoptr (BfyChallenge) first = bfy_challenge_parse_one (fields[0]);

  check_clean (challenge->resource_metadata);
  check_clean (challenge->error);
  check_scope (challenge->scope);
  g_assert_true (challenge->has_bearer || (challenge->resource_metadata == NULL &&
                                           challenge->scope == NULL && challenge->error == NULL));
  /* What the first field says, the others cannot unsay. */
  g_assert_true (!first->has_bearer || challenge->has_bearer);
  if (first->resource_metadata != NULL)
    g_assert_cmpstr (challenge->resource_metadata, ==, first->resource_metadata);
  if (first->scope != NULL)
    g_assert_cmpstr (challenge->scope, ==, first->scope);

  return 0;
}
