/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a server answers to a sign-in, in both of its messages. */

#include "protocol/scram.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

/* More of them would only take time. */
#define ITERATIONS_TRIED_MAX 3

static gboolean
costs_much (const char *text, gsize size)
{
  g_autofree char *copy = g_strndup (text, size);
  const char *last = strstr (copy, ",i=");

  return last != NULL && g_ascii_strtoull (last + 3, NULL, 10) > ITERATIONS_TRIED_MAX;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *exact = g_memdup2 (data, size);
  g_autoptr (BfySecret) password = bfy_secret_new ("pencil", 6);
  g_autoptr (BfyScram) scram = bfy_scram_new ("", "abc", password);
  g_autofree char *last = NULL;

  if (size == 0 || costs_much (exact, size))
    return 0;
  last = bfy_scram_answer (scram, exact, size, NULL);
  g_assert_true (last == NULL || g_str_has_prefix (last, "c=biws,r=abc"));
  g_assert_false (bfy_scram_check (scram, exact, size, NULL));

  return 0;
}
