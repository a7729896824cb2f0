/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "protocol/mdns.h"
#include "protocol/network-private.h"

static const struct
{
  const char *slug;
  const char *description;
  const char *remedy; /* (nullable) */
} verdicts[BFY_N_NETWORK_VERDICTS] = {
  [BFY_NETWORK_ALLOWED] = { "allowed", "where it may", NULL },
  [BFY_NETWORK_BLOCKED] = { "blocked", "to a host that is blocked", NULL },
  [BFY_NETWORK_LOOPBACK] = { "localhost", "to this machine itself", "“loopback”: true" },
  [BFY_NETWORK_PRIVATE] = { "private", "to an address of a private network", "“private”: true" },
  [BFY_NETWORK_NO_ALLOWLIST] = { "no_allowlist",
                                 "away from the binding's own host, and no other is listed",
                                 "the host in “allow”" },
  [BFY_NETWORK_NOT_LISTED] = { "not_listed", "to a host that is not listed",
                               "the host in “allow”" },
  [BFY_NETWORK_BAD_URL] = { "bad_url", "to a URL that cannot be used", NULL },
  [BFY_NETWORK_BAD_PORT] = { "bad_port", "to a port that is not listed", "the port in “ports”" },
  [BFY_NETWORK_PLAIN_HTTP] = { "plain_http", "over http:// without encryption",
                               "“plain_http”: true" },
  [BFY_NETWORK_PUBLIC] = { "public",
                           "to an address on the internet, though its name is one of the local "
                           "network",
                           NULL },
};

const char *
bfy_network_verdict_to_slug (BfyNetworkVerdict verdict)
{
  return verdicts[verdict].slug;
}

const char *
bfy_network_verdict_describe (BfyNetworkVerdict verdict)
{
  return verdicts[verdict].description;
}

const char *
bfy_network_verdict_get_remedy (BfyNetworkVerdict verdict)
{
  return verdicts[verdict].remedy;
}

static gboolean
has_flag (const BfyNetworkPolicy *self, guint flag)
{
  return self != NULL && self->flags[flag];
}

static gboolean
is_own (const BfyUpstream *url, const BfyNetworkFacts *facts)
{
  return facts != NULL && g_strcmp0 (url->origin, facts->own_origin) == 0;
}

static gboolean
is_in_list (const GArray *patterns, const BfyUpstream *url)
{
  for (guint i = 0; i < patterns->len; i++)
    if (bfy_pattern_fits_url (&g_array_index (patterns, BfyPattern, i), url))
      return TRUE;

  return FALSE;
}

static BfyNetworkVerdict
check_reach (const BfyNetworkPolicy *self,
             const BfyUpstream *url,
             BfyReach reach,
             const BfyNetworkFacts *facts)
{
  gboolean is_accepted = is_own (url, facts) && facts->allow_local;

  switch (reach)
    {
    case BFY_REACH_EXTERNAL:
      return BFY_NETWORK_ALLOWED;
    case BFY_REACH_LOOPBACK:
      return is_accepted || has_flag (self, BFY_NETWORK_FLAG_LOOPBACK) ? BFY_NETWORK_ALLOWED
                                                                       : BFY_NETWORK_LOOPBACK;
    case BFY_REACH_PRIVATE:
      return is_accepted || has_flag (self, BFY_NETWORK_FLAG_PRIVATE) ? BFY_NETWORK_ALLOWED
                                                                      : BFY_NETWORK_PRIVATE;
    }

  return BFY_NETWORK_PRIVATE;
}

static gboolean
is_port_listed (const BfyNetworkPolicy *self, guint16 port)
{
  if (self == NULL || self->ports->len == 0)
    return TRUE;
  for (guint i = 0; i < self->ports->len; i++)
    {
      const BfyPortRange *range = &g_array_index (self->ports, BfyPortRange, i);

      if (port >= range->first && port <= range->last)
        return TRUE;
    }

  return FALSE;
}

static BfyNetworkVerdict
check_list (const BfyNetworkPolicy *self, const BfyUpstream *url)
{
  if (self == NULL || self->allow->len == 0)
    return BFY_NETWORK_NO_ALLOWLIST;

  return is_in_list (self->allow, url) ? BFY_NETWORK_ALLOWED : BFY_NETWORK_NOT_LISTED;
}

/* What is not the binding's own upstream. */
static BfyNetworkVerdict
check_foreign (const BfyNetworkPolicy *self, const BfyUpstream *url, BfyNetworkPurpose purpose)
{
  if (!is_port_listed (self, url->port))
    return BFY_NETWORK_BAD_PORT;
  if (url->reach != BFY_REACH_EXTERNAL)
    return BFY_NETWORK_ALLOWED; /* a flag has decided */
  if (!url->is_tls && !has_flag (self, BFY_NETWORK_FLAG_PLAIN_HTTP))
    return BFY_NETWORK_PLAIN_HTTP;

  return purpose == BFY_NETWORK_FOR_SIGN_IN ? BFY_NETWORK_ALLOWED : check_list (self, url);
}

BfyNetworkVerdict
bfy_network_policy_check_url (const BfyNetworkPolicy *self,
                              const BfyUpstream *url,
                              BfyNetworkPurpose purpose,
                              const BfyNetworkFacts *facts)
{
  BfyNetworkVerdict verdict;

  if (url == NULL)
    return BFY_NETWORK_BAD_URL;
  if (self != NULL && is_in_list (self->block, url))
    return BFY_NETWORK_BLOCKED;
  verdict = check_reach (self, url, url->reach, facts);
  if (verdict != BFY_NETWORK_ALLOWED)
    return verdict;
  if (is_own (url, facts) && purpose == BFY_NETWORK_FOR_CALL)
    return BFY_NETWORK_ALLOWED;

  return check_foreign (self, url, purpose);
}

BfyNetworkVerdict
bfy_network_policy_check_address (const BfyNetworkPolicy *self,
                                  const BfyUpstream *url,
                                  const guint8 *bytes,
                                  gsize length,
                                  const BfyNetworkFacts *facts)
{
  for (guint i = 0; self != NULL && i < self->block->len; i++)
    if (bfy_pattern_fits_address (&g_array_index (self->block, BfyPattern, i), url, bytes, length))
      return BFY_NETWORK_BLOCKED;

  if (bfy_mdns_is_name (url->host) && bfy_reach_of_address (bytes, length) == BFY_REACH_EXTERNAL)
    return BFY_NETWORK_PUBLIC;

  return check_reach (self, url, bfy_reach_of_address (bytes, length), facts);
}
