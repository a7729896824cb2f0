/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* An upstream URL as the person gave it, taken apart and judged without asking the network
 * (behaviour 14.4, 14.5). */
typedef enum
{
  BFY_REACH_EXTERNAL,
  BFY_REACH_LOOPBACK, /* 127/8, 0/8, ::1, ::, localhost, *.localhost */
  BFY_REACH_PRIVATE, /* RFC 1918, link-local, CGNAT, ULA, multicast, mapped forms of all, *.local */
} BfyReach;

typedef struct
{
  char *uri;    /* (owned) canonical: scheme, host lower-case, no fragment, no user info */
  char *origin; /* (owned) scheme://host[:port], default ports left out */
  char *host; /* (owned) canonical: lower case, no brackets, no trailing dot, odd IPv4 spellings as
                 dotted quads */
  guint16 port; /* effective */
  gboolean is_tls;
  BfyReach reach; /* of the literal; a name is EXTERNAL unless it is localhost or below .local */
} BfyUpstream;

/* http and https only; plain http is accepted for loopback and private reach and, with a clear
 * error, nowhere else. User info, control characters, empty host, port 0: refused.
 * BFY_ERROR_INVALID_ARGUMENT; the message never repeats user info or a query. */
BfyUpstream *bfy_upstream_parse (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same, with plain http to anywhere: for what carries no credential, and for those who decide
 * about it themselves. */
BfyUpstream *bfy_upstream_parse_plain (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_upstream_free (BfyUpstream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyUpstream, bfy_upstream_free)

/* Whether its host is an address, not a name. */
gboolean bfy_upstream_is_address (const BfyUpstream *self);

/* For an address in text or bytes (4 or 16). */
BfyReach bfy_reach_of_address (const guint8 *bytes, gsize length);
BfyReach bfy_reach_of_host (const char *canonical_host);
/* The IPv4 address that a gateway makes of an IPv6 address (mapped, NAT64, 6to4, …), 4 bytes inside
 * @bytes; NULL when there is none. */
const guint8 *bfy_reach_find_inner (const guint8 *bytes, gsize length);
/* Whether the first @n_bits of both are the same. */
gboolean bfy_reach_is_within (const guint8 *bytes, const guint8 *prefix, guint n_bits);
