/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whether a request of a binding may go to a URL, and why not, by what the URL alone says. */

#include "agent/api/policy-trial.h"

static BfyNetworkVerdict
judge (const BfyBinding *binding, const BfyPolicy *policy, const char *url)
{
  g_autoptr (BfyUpstream) target = bfy_upstream_parse_plain (url, NULL);
  g_autoptr (BfyUpstream) own =
      binding->url != NULL ? bfy_upstream_parse_plain (binding->url, NULL) : NULL;
  BfyNetworkFacts facts = {
    .own_origin = own != NULL ? own->origin : NULL,
    .allow_local = binding->allow_local,
  };

  return bfy_network_policy_check_url (bfy_policy_get_network (policy), target,
                                       BFY_NETWORK_FOR_CALL, &facts);
}

static void
describe (JsonObject *object, const BfyBinding *binding, BfyNetworkVerdict verdict)
{
  gboolean is_allowed = verdict == BFY_NETWORK_ALLOWED;
  const char *remedy = bfy_network_verdict_get_remedy (verdict);
  g_autofree char *hint = NULL;
  g_autofree char *reason =
      is_allowed ? g_strdup ("it may go there; the addresses that its name has are looked at, too, "
                             "when it connects")
                 : g_strdup_printf ("this leads %s", bfy_network_verdict_describe (verdict));

  json_object_set_string_member (object, "effect", is_allowed ? "allow" : "deny");
  json_object_set_string_member (object, "reason", reason);
  if (remedy == NULL)
    return;
  hint = g_strdup_printf ("%s, in “network” of the policy (bindify policy show %s)", remedy,
                          binding->name);
  json_object_set_string_member (object, "hint", hint);
}

void
bfy_policy_trial_judge_url (JsonObject *object,
                            const BfyBinding *binding,
                            const BfyPolicy *policy,
                            const char *url)
{
  BfyNetworkVerdict verdict = judge (binding, policy, url);

  json_object_set_string_member (object, "network", bfy_network_verdict_to_slug (verdict));
  describe (object, binding, verdict);
}

void
bfy_policy_trial_judge_own_url (JsonObject *object,
                                const BfyBinding *binding,
                                const BfyPolicy *policy)
{
  BfyNetworkVerdict verdict;

  if (binding->url == NULL)
    return;
  verdict = judge (binding, policy, binding->url);
  json_object_set_string_member (object, "network", bfy_network_verdict_to_slug (verdict));
  if (verdict == BFY_NETWORK_ALLOWED)
    return;

  json_object_set_null_member (object, "rule");
  json_object_set_null_member (object, "rule_name");
  describe (object, binding, verdict);
}
