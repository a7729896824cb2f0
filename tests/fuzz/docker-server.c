/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The address of a registry as Docker says it to a credential helper. The host is in its one form.
 */

#include "client/credential/docker.h"
#include "protocol/reveal.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *host = bfy_docker_parse_server ((const char *) data, size);
  g_autofree char *again = host != NULL ? bfy_reveal_normalize_host (host) : NULL;
  g_autofree char *url = host != NULL ? g_strdup_printf ("https://%s/v2/", host) : NULL;

  if (host == NULL)
    return 0;
  g_assert_cmpstr (host, ==, again);
  g_assert_true (bfy_reveal_fits (url, NULL, BFY_REVEAL_DOCKER, host));

  return 0;
}
