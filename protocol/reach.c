/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Where an address leads (behaviour 14.4). Addresses that carry an IPv4 address inside are judged
 * by what they carry, because that is where a gateway, or this host itself, sends the packet. */

#include <arpa/inet.h>
#include <string.h>

#include "protocol/mdns.h"
#include "protocol/upstream.h"

typedef struct
{
  guint8 prefix[16];
  guint n_bits;
  BfyReach reach;
  int inner; /* offset of an IPv4 address inside, or NOTHING_INSIDE */
} Range;

#define NOTHING_INSIDE (-1)

static const Range ranges_v4[] = {
  { { 127 }, 8, BFY_REACH_LOOPBACK, NOTHING_INSIDE },
  { { 0 }, 8, BFY_REACH_LOOPBACK, NOTHING_INSIDE },
  { { 10 }, 8, BFY_REACH_PRIVATE, NOTHING_INSIDE },
  { { 172, 16 }, 12, BFY_REACH_PRIVATE, NOTHING_INSIDE },
  { { 192, 168 }, 16, BFY_REACH_PRIVATE, NOTHING_INSIDE },
  { { 169, 254 }, 16, BFY_REACH_PRIVATE, NOTHING_INSIDE },
  { { 100, 64 }, 10, BFY_REACH_PRIVATE, NOTHING_INSIDE },
  { { 192, 0, 0 }, 24, BFY_REACH_PRIVATE, NOTHING_INSIDE }, /* protocol assignments */
  { { 198, 18 }, 15, BFY_REACH_PRIVATE, NOTHING_INSIDE },   /* benchmarks */
  { { 224 }, 4, BFY_REACH_PRIVATE, NOTHING_INSIDE },        /* multicast */
  { { 240 }, 4, BFY_REACH_PRIVATE, NOTHING_INSIDE },        /* reserved, broadcast */
};

/* The first match counts: ::1 and :: before the range they lie in. */
static const Range ranges_v6[] = {
  { { 0 }, 128, BFY_REACH_LOOPBACK, NOTHING_INSIDE },
  { { [15] = 1 }, 128, BFY_REACH_LOOPBACK, NOTHING_INSIDE },
  { { 0 }, 96, BFY_REACH_EXTERNAL, 12 },                                       /* compatible */
  { { [10] = 0xff, 0xff }, 96, BFY_REACH_EXTERNAL, 12 },                       /* mapped */
  { { [8] = 0xff, 0xff }, 96, BFY_REACH_EXTERNAL, 12 },                        /* translated */
  { { 0x00, 0x64, 0xff, 0x9b }, 96, BFY_REACH_EXTERNAL, 12 },                  /* NAT64 */
  { { 0x00, 0x64, 0xff, 0x9b, 0, 1 }, 48, BFY_REACH_PRIVATE, NOTHING_INSIDE }, /* local NAT64 */
  { { 0x20, 0x02 }, 16, BFY_REACH_EXTERNAL, 2 },                               /* 6to4 */
  { { 0xfc }, 7, BFY_REACH_PRIVATE, NOTHING_INSIDE },                          /* ULA */
  { { 0xfe, 0x80 }, 10, BFY_REACH_PRIVATE, NOTHING_INSIDE },                   /* link-local */
  { { 0xfe, 0xc0 }, 10, BFY_REACH_PRIVATE, NOTHING_INSIDE },                   /* site-local */
  { { 0xff }, 8, BFY_REACH_PRIVATE, NOTHING_INSIDE },                          /* multicast */
};

gboolean
bfy_reach_is_within (const guint8 *bytes, const guint8 *prefix, guint n_bits)
{
  guint n_whole = n_bits / 8;
  guint n_rest = n_bits % 8;
  guint8 mask = (guint8) (0xff << (8 - n_rest));

  if (memcmp (bytes, prefix, n_whole) != 0)
    return FALSE;

  return n_rest == 0 || (bytes[n_whole] & mask) == (prefix[n_whole] & mask);
}

static const Range *
find_range (const guint8 *bytes, const Range *ranges, gsize n_ranges)
{
  for (gsize i = 0; i < n_ranges; i++)
    {
      if (bfy_reach_is_within (bytes, ranges[i].prefix, ranges[i].n_bits))
        return &ranges[i];
    }

  return NULL;
}

static BfyReach
reach_of_v4 (const guint8 *bytes)
{
  const Range *range = find_range (bytes, ranges_v4, G_N_ELEMENTS (ranges_v4));

  return range != NULL ? range->reach : BFY_REACH_EXTERNAL;
}

static BfyReach
reach_of_v6 (const guint8 *bytes)
{
  const Range *range = find_range (bytes, ranges_v6, G_N_ELEMENTS (ranges_v6));

  if (range == NULL)
    return BFY_REACH_EXTERNAL;

  return range->inner != NOTHING_INSIDE ? reach_of_v4 (bytes + range->inner) : range->reach;
}

const guint8 *
bfy_reach_find_inner (const guint8 *bytes, gsize length)
{
  const Range *range =
      length == 16 ? find_range (bytes, ranges_v6, G_N_ELEMENTS (ranges_v6)) : NULL;

  return range != NULL && range->inner != NOTHING_INSIDE ? bytes + range->inner : NULL;
}

BfyReach
bfy_reach_of_address (const guint8 *bytes, gsize length)
{
  switch (length)
    {
    case 4:
      return reach_of_v4 (bytes);
    case 16:
      return reach_of_v6 (bytes);
    default:
      return BFY_REACH_PRIVATE; /* of a family we do not know: nothing that consent covers */
    }
}

BfyReach
bfy_reach_of_host (const char *canonical_host)
{
  guint8 bytes[16];

  if (inet_pton (AF_INET, canonical_host, bytes) == 1)
    return bfy_reach_of_address (bytes, 4);
  if (inet_pton (AF_INET6, canonical_host, bytes) == 1)
    return bfy_reach_of_address (bytes, 16);
  if (strcmp (canonical_host, "localhost") == 0 || g_str_has_suffix (canonical_host, ".localhost"))
    return BFY_REACH_LOOPBACK;

  return bfy_mdns_is_name (canonical_host) ? BFY_REACH_PRIVATE : BFY_REACH_EXTERNAL;
}
