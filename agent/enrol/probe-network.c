/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/enrol/probe-network.h"

#include "protocol/error.h"

/* No list names the other host: the record of the service does. */
BfyUpstreams *
bfy_probe_open_network (BfyAgent *agent,
                        const BfyBinding *binding,
                        const char *text,
                        GError **error)
{
  g_autoptr (BfyUpstream) url = bfy_upstream_parse_plain (text, NULL);
  g_autoptr (BfyUpstream) own = bfy_upstream_parse (binding->url, NULL);
  gboolean is_own = url != NULL && own != NULL && g_str_equal (url->origin, own->origin);
  const BfyErrandTerms terms = {
    .binding = binding,
    .purpose = is_own ? BFY_NETWORK_FOR_CALL : BFY_NETWORK_FOR_SIGN_IN,
    .allow_local = is_own && binding->allow_local,
  };

  return bfy_network_open (agent->network, url, &terms, error);
}

/* Whoever adds a binding can still say that a local address is meant. */
GError *
bfy_probe_explain_network (const GError *error, const BfyBinding *binding)
{
  if (error->code != BFY_NETWORK_LOOPBACK && error->code != BFY_NETWORK_PRIVATE)
    return bfy_network_explain (error, binding);

  return g_error_new (BFY_ERROR, BFY_ERROR_LOCAL_ADDRESS,
                      "The name of the service's host leads %s; that is refused unless you say "
                      "that you mean it",
                      bfy_network_verdict_describe ((BfyNetworkVerdict) error->code));
}

gboolean
bfy_probe_check_limits (const BfyProbe *what, GError **error)
{
  if (what->credential == NULL || bfy_constraints_allow_url (what->binding->constraints, what->url))
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                       "This service is tried out at an address that the credential is not allowed "
                       "to go to; --no-check leaves that out");

  return FALSE;
}
