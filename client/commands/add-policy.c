/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* --allow-tool and --deny-tool as a policy document: what is denied is denied whatever else is
 * said, and whoever names what is allowed means nothing more. */

#include "client/commands/add.h"

static void
add_rule (JsonArray *rules, const GStrv globs, const char *effect)
{
  JsonObject *rule;
  JsonArray *array;

  if (globs == NULL)
    return;
  array = json_array_new ();
  for (guint i = 0; globs[i] != NULL; i++)
    json_array_add_string_element (array, globs[i]);
  rule = json_object_new ();
  json_object_set_array_member (rule, "tool", array);
  json_object_set_string_member (rule, "effect", effect);
  json_array_add_object_element (rules, rule);
}

JsonObject *
bfy_add_build_policy (const BfyAdd *self)
{
  JsonArray *rules;
  JsonObject *policy;

  if (self->allow_tools == NULL && self->deny_tools == NULL)
    return NULL;

  rules = json_array_new ();
  policy = json_object_new ();
  add_rule (rules, self->deny_tools, "deny");
  add_rule (rules, self->allow_tools, "allow");
  json_object_set_int_member (policy, "version", 1);
  json_object_set_string_member (policy, "default", self->allow_tools != NULL ? "deny" : "allow");
  json_object_set_array_member (policy, "rules", rules);

  return policy;
}
