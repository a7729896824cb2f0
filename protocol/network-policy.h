/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/json.h"
#include "protocol/upstream.h"

/* Where a binding's requests may go: member "network" of a policy (behaviour 14).
 *
 *   {"allow": ["api.example.com", "*.example.org:8443", "https://x.example", "any"],
 *    "block": ["*.tracker.example", "203.0.113.0/24"],
 *    "ports": [443, "8000-8999"], "loopback": false, "private": false, "plain_http": false,
 *    "request_bytes_max": 1048576, "response_bytes_max": 10485760, "timeout_ms": 30000}
 *
 * A host is exact, "*.d" (d and what is below it), an address, a range of addresses, or "any"; with
 * a scheme before it and a port behind it if wanted, else it means all of them. Ranges that block
 * are held against what names lead to as well. The binding's own upstream is always allowed unless
 * it is blocked or has become local: adding the binding said so.
 *
 * The first of these decides (behaviour 14.2): blocked; local, where only the two flags count;
 * ports; plain http; the list, of which an empty one allows nothing. */

#define BFY_NETWORK_PATTERNS_MAX 256      /* in a list */
#define BFY_NETWORK_PATTERN_BYTES_MAX 300 /* a host has 253 */
#define BFY_NETWORK_PORTS_MAX 64          /* ports and ranges of ports */

typedef enum
{
  BFY_NETWORK_ALLOWED,
  BFY_NETWORK_BLOCKED,
  BFY_NETWORK_LOOPBACK,
  BFY_NETWORK_PRIVATE,
  BFY_NETWORK_NO_ALLOWLIST,
  BFY_NETWORK_NOT_LISTED,
  BFY_NETWORK_BAD_URL,
  BFY_NETWORK_BAD_PORT,
  BFY_NETWORK_PLAIN_HTTP,
  BFY_NETWORK_PUBLIC, /* a name of the local network leads out of it */
  BFY_N_NETWORK_VERDICTS,
} BfyNetworkVerdict;

typedef struct _BfyNetworkPolicy BfyNetworkPolicy; /* immutable */

/* What the request is for: a sign-in leads to servers that no allow-list names, so for it only
 * blocked hosts, reach, ports and the scheme count. */
typedef enum
{
  BFY_NETWORK_FOR_CALL,
  BFY_NETWORK_FOR_SIGN_IN,
} BfyNetworkPurpose;

/* @document: the whole policy, for the line in errors ("Not a policy: line %u: %s"). @object: the
 * member, checked JSON. */
BfyNetworkPolicy *bfy_network_policy_read (const char *document,
                                           const BfyJsonSlice *object,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
BfyNetworkPolicy *bfy_network_policy_ref (BfyNetworkPolicy *self);
void bfy_network_policy_unref (BfyNetworkPolicy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyNetworkPolicy, bfy_network_policy_unref)
/* As read; of NULL, the defaults. (transfer full) */
JsonObject *bfy_network_policy_to_json (const BfyNetworkPolicy *self);

/* What there is beside the policy: the binding's own upstream, and whether the person allowed that
 * one to be local (design.md: a URL given by the person is allowed as exactly that origin). */
typedef struct
{
  const char *own_origin; /* (nullable) BfyUpstream.origin */
  gboolean allow_local;
} BfyNetworkFacts;

/* By the URL alone, before anything is looked up. @self: NULL for the defaults. @url: NULL when it
 * cannot be used. @facts: (nullable) */
BfyNetworkVerdict bfy_network_policy_check_url (const BfyNetworkPolicy *self,
                                                const BfyUpstream *url,
                                                BfyNetworkPurpose purpose,
                                                const BfyNetworkFacts *facts);
/* One address (4 or 16 bytes) that the host's name led to: blocked ranges and reach again. */
BfyNetworkVerdict bfy_network_policy_check_address (const BfyNetworkPolicy *self,
                                                    const BfyUpstream *url,
                                                    const guint8 *bytes,
                                                    gsize length,
                                                    const BfyNetworkFacts *facts);
/* Slugs of behaviour 14.3: "blocked", "localhost", "private", … Static. */
const char *bfy_network_verdict_to_slug (BfyNetworkVerdict verdict);
/* To go on after "this leads " or "a request that leads ": "to a host that is blocked". Static. */
const char *bfy_network_verdict_describe (BfyNetworkVerdict verdict);
/* What would permit it, in the words of the document, or NULL: "“private”: true". Static. */
const char *bfy_network_verdict_get_remedy (BfyNetworkVerdict verdict);
/* 0 = default. */
gint64 bfy_network_policy_get_request_bytes_max (const BfyNetworkPolicy *self);
gint64 bfy_network_policy_get_response_bytes_max (const BfyNetworkPolicy *self);
gint64 bfy_network_policy_get_timeout_ms (const BfyNetworkPolicy *self);

/* What the binding of a REST service may ask for in the same member of its policy,
 * {"rewrite_links": true, "keep_cookies": true}: links in headers that lead to below its URL lead
 * through our door instead (http-link.h), and the agent keeps cookies (agent/http/cookies.h). Both
 * are off with NULL. */
gboolean bfy_network_policy_rewrites_links (const BfyNetworkPolicy *self);
gboolean bfy_network_policy_keeps_cookies (const BfyNetworkPolicy *self);
/* {"certificate": "sha256:…"} (certificate-print.h): the binding's own host may present exactly
 * this one, though no authority vouches for it. Borrowed; NULL for none. */
const char *bfy_network_policy_get_certificate (const BfyNetworkPolicy *self);
