/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/policy.h"

#include "protocol/name.h"
#include "protocol/policy-private.h"

const char *const bfy_policy_effect_names[] = {
  [BFY_POLICY_ALLOW] = "allow",
  [BFY_POLICY_ASK] = "ask",
  [BFY_POLICY_DENY] = "deny",
};

const char *const bfy_policy_kind_names[] = {
  [BFY_POLICY_METHOD] = "method",
  [BFY_POLICY_TOOL] = "tool",
  [BFY_POLICY_PROMPT] = "prompt",
  [BFY_POLICY_RESOURCE] = "resource",
  [BFY_POLICY_HTTP] = "http",
  [BFY_POLICY_GRAPHQL] = "graphql",
  [BFY_POLICY_CAPABILITY] = "capability",
  [BFY_POLICY_ACCESS] = "access",
};

static void
rule_clear (gpointer data)
{
  BfyPolicyRule *rule = data;

  g_free (rule->name);
  g_strfreev (rule->words);
  g_strfreev (rule->folded);
  g_free (rule->patterns);
  g_clear_pointer (&rule->arguments, g_ptr_array_unref);
  g_clear_pointer (&rule->as_written, json_object_unref);
}

BfyPolicy *
bfy_policy_new_private (const char *text, gsize length)
{
  BfyPolicy *self = g_new0 (BfyPolicy, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->text = g_strndup (text, length);
  self->rules = g_array_new (FALSE, TRUE, sizeof (BfyPolicyRule));
  g_array_set_clear_func (self->rules, rule_clear);

  return self;
}

guint
bfy_policy_share_place (BfyPolicy *self, const char *pointer)
{
  guint i;

  for (i = 0; i < self->n_pointers; i++)
    if (strcmp (self->pointers[i], pointer) == 0)
      return i;
  if (i < BFY_PLACES_MAX)
    self->pointers[self->n_pointers++] = pointer;

  return i;
}

BfyPolicy *
bfy_policy_ref (BfyPolicy *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_policy_unref (BfyPolicy *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  bfy_network_policy_unref (self->network);
  g_array_unref (self->rules);
  g_free (self->text);
  g_free (self);
}

const BfyNetworkPolicy *
bfy_policy_get_network (const BfyPolicy *self)
{
  return self != NULL ? self->network : NULL;
}

const BfyQuotas *
bfy_policy_get_quotas (const BfyPolicy *self)
{
  return self != NULL && self->has_quotas ? &self->quotas : NULL;
}

const char *
bfy_policy_peek_text (const BfyPolicy *self)
{
  return self->text;
}

const char *
bfy_policy_find_unknown_capability (const BfyPolicy *self, const BfyPolicyFacts *facts)
{
  GPtrArray *capabilities = facts != NULL ? facts->capabilities : NULL;

  for (guint i = 0; self != NULL && i < self->rules->len; i++)
    {
      const BfyPolicyRule *rule = &g_array_index (self->rules, BfyPolicyRule, i);

      for (guint n = 0; rule->kind == BFY_POLICY_CAPABILITY && rule->words[n] != NULL; n++)
        if (!g_str_equal (rule->words[n], "*") &&
            bfy_capability_find (capabilities, rule->words[n]) == NULL)
          return rule->words[n];
    }

  return NULL;
}

static void
set_words (JsonObject *object, const BfyPolicyRule *rule)
{
  const char *kind = bfy_policy_kind_names[rule->kind];
  JsonArray *array;

  if (!rule->is_list)
    {
      json_object_set_string_member (object, kind, rule->words[0]);
      return;
    }

  array = json_array_new ();
  for (guint i = 0; rule->words[i] != NULL; i++)
    json_array_add_string_element (array, rule->words[i]);
  json_object_set_array_member (object, kind, array);
}

JsonObject *
bfy_policy_rule_to_json (const BfyPolicyRule *rule)
{
  JsonObject *object = json_object_new ();

  if (rule->name != NULL)
    json_object_set_string_member (object, "name", rule->name);
  set_words (object, rule);
  if (rule->as_written != NULL)
    json_object_set_object_member (object, "arguments", json_object_ref (rule->as_written));
  json_object_set_string_member (object, "effect", bfy_policy_effect_names[rule->effect]);
  if (rule->has_reach)
    json_object_set_string_member (object, "grant", bfy_policy_reach_names[rule->reach]);

  return object;
}

JsonObject *
bfy_policy_to_json (const BfyPolicy *self)
{
  BfyPolicyEffect fallback = self != NULL ? self->fallback : BFY_POLICY_ALLOW;
  JsonObject *document = json_object_new ();
  JsonArray *rules = json_array_new ();

  for (guint i = 0; self != NULL && i < self->rules->len; i++)
    json_array_add_object_element (
        rules, bfy_policy_rule_to_json (&g_array_index (self->rules, BfyPolicyRule, i)));
  json_object_set_int_member (document, "version", 1);
  json_object_set_string_member (document, "default", bfy_policy_effect_names[fallback]);
  json_object_set_array_member (document, "rules", rules);
  if (bfy_policy_get_network (self) != NULL)
    json_object_set_object_member (document, "network", bfy_network_policy_to_json (self->network));
  if (bfy_policy_get_quotas (self) != NULL)
    json_object_set_object_member (document, "limits", bfy_quotas_to_json (&self->quotas));

  return document;
}

const char *
bfy_policy_kind_to_wire (BfyPolicyKind kind)
{
  return bfy_policy_kind_names[kind];
}

gboolean
bfy_policy_kind_from_wire (const char *wire, BfyPolicyKind *kind)
{
  guint index;

  if (!bfy_name_find (bfy_policy_kind_names, BFY_N_POLICY_KINDS, wire, &index))
    return FALSE;
  *kind = index;

  return TRUE;
}

const char *
bfy_policy_effect_to_wire (BfyPolicyEffect effect)
{
  return bfy_policy_effect_names[effect];
}
