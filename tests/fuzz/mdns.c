/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What anybody in the local network may send while we ask for a name. */

#include "protocol/mdns.h"

#include "protocol/upstream.h"
#include "tests/fuzz/fuzz.h"

#define ID 0x1234 /* of the seeds */

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree guint8 *exact = g_memdup2 (data, size);
  BfyMdnsAddress addresses[BFY_MDNS_ADDRESSES_MAX];
  guint n = bfy_mdns_read_answer (exact, size, "tv.local", ID, addresses);

  g_assert_true (n <= BFY_MDNS_ADDRESSES_MAX);
  for (guint i = 0; i < n; i++)
    {
      g_assert_true (addresses[i].length == 4 || addresses[i].length == 16);
      g_assert_true (addresses[i].ttl_s > 0 && addresses[i].ttl_s <= BFY_MDNS_TTL_S_MAX);
      g_assert_true (bfy_reach_of_address (addresses[i].bytes, addresses[i].length) ==
                     BFY_REACH_PRIVATE);
    }

  return 0;
}
