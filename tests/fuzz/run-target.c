/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever a command in a run sends to the proxy: what is taken for the name of a host is one in
 * its plain form, never an address. */

#include <gio/gio.h>
#include <string.h>

#include "client/run/target.h"
#include "tests/fuzz/fuzz.h"

static void
check (const BfyRunTarget *target)
{
  const char *last = strrchr (target->host, '.');

  g_assert_cmpuint (strlen (target->host), >, 0);
  g_assert_cmpuint (target->port, >, 0);
  g_assert_cmpuint (strspn (target->host, "abcdefghijklmnopqrstuvwxyz0123456789-."), ==,
                    strlen (target->host));
  g_assert_false (g_hostname_is_ip_address (target->host));
  g_assert_false (g_ascii_isdigit (last != NULL ? last[1] : target->host[0]));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  BfyRunTarget target;

  if (bfy_run_target_read ((const char *) data, size, &target) == BFY_RUN_HEAD_CONNECT)
    check (&target);
  if (bfy_run_target_parse ((const char *) data, size, 443, &target))
    check (&target);

  return 0;
}
