/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/network-policy.h"

/* What the binding of a REST service may ask for in the same member of its policy,
 * {"rewrite_links": true, "keep_cookies": true}: links in headers that lead to below its URL lead
 * through our door instead (http-link.h), and the agent keeps cookies (agent/http/cookies.h). Both
 * are off with NULL. */
/* {"certificate": "sha256:…"} (certificate-print.h): the binding's own host may present exactly
 * this one, though no authority vouches for it. Borrowed; NULL for none. */
const char *bfy_network_policy_get_certificate (const BfyNetworkPolicy *self);
gboolean bfy_network_policy_rewrites_links (const BfyNetworkPolicy *self);
gboolean bfy_network_policy_keeps_cookies (const BfyNetworkPolicy *self);
