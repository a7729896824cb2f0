/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/proxy/upstreams.h"
#include "agent/store/registry.h"

/* The one way to the outside: whatever the agent sends anywhere, it gets the connections for it
 * here, and with them the judgement of where they may go (behaviour 14). Those of calls are kept
 * for each binding and origin, so that two accounts on one host never share one (craft J44); they
 * are closed when the binding's policy changes, when it is removed and when the agent locks. */
typedef struct _BfyNetwork BfyNetwork;

#define BFY_NETWORK_KEPT_MAX 1024 /* bindings and origins with connections at a time */
#define BFY_NETWORK_KEPT_S 120    /* without a call for so long; connections end before */

/* @registry: (nullable) whose changes count. */
BfyNetwork *
bfy_network_new (BfyRegistry *registry, BfyProxies *owned_proxies, gboolean proxy_resolves);
void bfy_network_free (BfyNetwork *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyNetwork, bfy_network_free)

/* For a call of @binding to @url, canonical. NULL with BFY_NETWORK_ERROR (target.h). Borrowed. */
BfyUpstreams *bfy_network_find (BfyNetwork *self,
                                const BfyBinding *binding,
                                const char *url,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For one errand: a part of a sign-in, or a look at a service. @self: (nullable) no proxies. */
typedef struct
{
  const BfyBinding *binding; /* (nullable) whose policy counts */
  BfyNetworkPurpose purpose;
  gboolean allow_local; /* of @url's own origin */
} BfyErrandTerms;

BfyUpstreams *bfy_network_open (BfyNetwork *self,
                                const BfyUpstream *url,
                                const BfyErrandTerms *terms,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Idle connections close, those in use when their requests are done. */
void bfy_network_renew (BfyNetwork *self);

/* The cookies of a binding whose policy keeps them, else NULL; gone when its connections would be
 * for good: with its URL or policy, with itself, when the agent locks. Borrowed. */
SoupCookieJar *bfy_network_get_cookies (BfyNetwork *self, const BfyBinding *binding);

/* Of a binding, NULL for the defaults. Borrowed. */
const BfyNetworkPolicy *bfy_network_policy_of (const BfyBinding *binding);

/* What BFY_NETWORK_ERROR is to others, with the name of @binding (nullable): BFY_ERROR_DENIED, or
 * BFY_ERROR_UPSTREAM_FAILED when it is a matter of proxies and names. (transfer full) */
GError *bfy_network_explain (const GError *error, const BfyBinding *binding);
/* The slug of such an error, or NULL when nothing was denied. Static. */
const char *bfy_network_get_slug (const GError *error);
