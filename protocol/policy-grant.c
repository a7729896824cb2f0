/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a policy has to say about the answers of people. */

#include <string.h>

#include "protocol/json.h"
#include "protocol/policy-private.h"

const char *const bfy_policy_reach_names[BFY_N_WISH_REACHES] = {
  [BFY_WISH_ANY_ARGUMENTS] = "tool",
  [BFY_WISH_SAME_ARGUMENTS] = "arguments",
  [BFY_WISH_ONCE] = "once",
};

void
bfy_policy_rule_digest_in (BfyPolicyRule *rule)
{
  g_autoptr (JsonObject) object = bfy_policy_rule_to_json (rule);
  g_autofree char *text = NULL;
  g_autofree char *digest = NULL;
  gsize length;

  if (rule->name != NULL)
    json_object_remove_member (object, "name");
  text = bfy_json_object_to_text (object, &length);
  digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, length);
  g_strlcpy (rule->digest, digest, sizeof rule->digest);
}

static const BfyPolicyRule *
find_rule (const BfyPolicy *self, guint rule)
{
  return self != NULL && rule > 0 && rule <= self->rules->len
             ? &g_array_index (self->rules, BfyPolicyRule, rule - 1)
             : NULL;
}

const char *
bfy_policy_rule_digest (const BfyPolicy *self, guint rule)
{
  const BfyPolicyRule *found = find_rule (self, rule);

  return found != NULL ? found->digest : BFY_POLICY_DEFAULT_RULE;
}

gboolean
bfy_policy_asks_by (const BfyPolicy *self, const char *digest)
{
  if (self == NULL || *digest == '\0')
    return FALSE;
  if (strcmp (digest, BFY_POLICY_DEFAULT_RULE) == 0)
    return self->fallback == BFY_POLICY_ASK;
  for (guint i = 0; i < self->rules->len; i++)
    if (strcmp (g_array_index (self->rules, BfyPolicyRule, i).digest, digest) == 0)
      return TRUE;

  return FALSE;
}

BfyWishReach
bfy_policy_grant_reach (const BfyPolicy *self, const BfyPolicyVerdict *verdict)
{
  const BfyPolicyRule *rule = find_rule (self, verdict->rule);

  if (rule != NULL && rule->has_reach)
    return rule->reach;

  return verdict->access == BFY_ACCESS_DANGER ? BFY_WISH_SAME_ARGUMENTS : BFY_WISH_ANY_ARGUMENTS;
}
