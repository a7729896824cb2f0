/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What git says to a credential helper. A host that comes of it is in its one form. */

#include "client/credential/git.h"
#include "protocol/reveal.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (BfyGitRequest) request = bfy_git_request_parse ((const char *) data, size, NULL);
  g_autofree char *again = request != NULL ? bfy_reveal_normalize_host (request->host) : NULL;

  if (request == NULL)
    return 0;
  g_assert_cmpstr (request->host, ==, again);
  g_assert_true (request->path == NULL || g_utf8_validate (request->path, -1, NULL));
  g_assert_true (request->username == NULL || g_utf8_validate (request->username, -1, NULL));

  return 0;
}
