/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* --profile, --allow-tool and --deny-tool: what is denied is denied whatever else is said. Beside a
 * profile they are rules before its own; whoever names what is allowed and no profile means nothing
 * more. */

#include "client/commands/add.h"
#include "protocol/policy-edit.h"

/* NULL for words that are no UTF-8. */
static JsonArray *
build_rules (const BfyAdd *self, GError **error)
{
  g_autoptr (JsonArray) rules = json_array_new ();
  const char *const *denied = (const char *const *) self->deny_tools;
  const char *const *allowed = (const char *const *) self->allow_tools;

  if (!bfy_policy_add_rules (rules, "tool", denied, "deny", error) ||
      !bfy_policy_add_rules (rules, "tool", allowed, "allow", error))
    return NULL;

  return g_steal_pointer (&rules);
}

gboolean
bfy_add_check_policy (const BfyAdd *self, GError **error)
{
  g_autoptr (JsonArray) rules = build_rules (self, error);

  if (rules == NULL)
    return FALSE;
  if (self->profile == NULL || g_strv_contains (bfy_policy_profile_names (), self->profile))
    return TRUE;

  return bfy_policy_refuse_profile (error);
}

static void
add_document (JsonObject *request, JsonArray *rules)
{
  JsonObject *policy = json_object_new ();

  json_object_set_int_member (policy, "version", 1);
  json_object_set_string_member (policy, "default", "deny");
  json_object_set_array_member (policy, "rules", rules);
  json_object_set_object_member (request, "policy", policy);
}

void
bfy_add_put_policy (const BfyAdd *self, JsonObject *request)
{
  g_autoptr (JsonArray) rules = build_rules (self, NULL);

  if (self->profile != NULL)
    json_object_set_string_member (request, "profile", self->profile);
  if (json_array_get_length (rules) == 0)
    return;

  if (self->profile == NULL && self->allow_tools != NULL)
    add_document (request, g_steal_pointer (&rules));
  else
    json_object_set_array_member (request, "rules", g_steal_pointer (&rules));
}
