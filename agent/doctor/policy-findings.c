/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/doctor/policy-findings.h"

#include <string.h>

#include "protocol/policy-edit.h"
#include "protocol/policy-review.h"

static void
add_unreadable (GPtrArray *findings, const BfyBinding *binding)
{
  const char *text = bfy_policy_peek_text (binding->policy);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyPolicy) readable = bfy_policy_parse (text, strlen (text), &error);

  bfy_findings_add (findings, "policy_unreadable", binding,
                    g_strdup_printf ("The policy of “%s” cannot be read, and so nothing is allowed "
                                     "with it: %s",
                                     binding->name,
                                     readable == NULL ? error->message : "it has been repaired"),
                    g_strdup_printf ("bindify policy set %s --profile reads-flow", binding->name));
}

static char *
to_edit (const BfyBinding *binding)
{
  return g_strdup_printf ("bindify policy show %s > FILE, edit it, bindify policy set %s FILE",
                          binding->name, binding->name);
}

static void
judge_rules (GPtrArray *findings, const BfyBinding *binding, const BfyPolicyFacts *facts)
{
  const BfyPolicyCovered covered = bfy_policy_find_covered (binding->policy);
  const char *unknown = bfy_policy_find_unknown_capability (binding->policy, facts);

  if (covered.rule > 0)
    bfy_findings_add (
        findings, "policy_rule_covered", binding,
        g_strdup_printf ("Rule %u of the policy of “%s” never decides: rule %u before "
                         "it fits all that it would",
                         covered.rule, binding->name, covered.by),
        to_edit (binding));
  if (unknown != NULL)
    bfy_findings_add (findings, "policy_capability_unknown", binding,
                      g_strdup_printf ("A rule of the policy of “%s” names the capability “%s”, "
                                       "which its service does not have",
                                       binding->name, unknown),
                      to_edit (binding));
}

/* The worst that its service can do: NULL when the catalogue knows of nothing. */
static const BfyCapability *
find_danger (const BfyPolicyFacts *facts)
{
  for (guint i = 0; facts->capabilities != NULL && i < facts->capabilities->len; i++)
    {
      const BfyCapability *capability = g_ptr_array_index (facts->capabilities, i);

      if (capability->access == BFY_ACCESS_DANGER)
        return capability;
    }

  return NULL;
}

static void
judge_openness (GPtrArray *findings, const BfyBinding *binding, const BfyPolicyFacts *facts)
{
  const BfyCapability *danger = find_danger (facts);

  if (danger == NULL || g_strcmp0 (bfy_policy_find_profile (binding->policy), BFY_POLICY_OPEN) != 0)
    return;

  bfy_findings_add (findings, "policy_open", binding,
                    g_strdup_printf ("Everything is allowed with “%s”, also what cannot be taken "
                                     "back (“%s”)",
                                     binding->name, danger->name),
                    g_strdup_printf ("bindify policy set %s --profile reads-flow", binding->name));
}

void
bfy_policy_findings_of (GPtrArray *findings, const BfyBinding *binding, const BfyPolicyFacts *facts)
{
  if (bfy_policy_is_unreadable (binding->policy))
    {
      add_unreadable (findings, binding);
      return;
    }

  judge_rules (findings, binding, facts);
  judge_openness (findings, binding, facts);
}
