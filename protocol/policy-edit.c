/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/policy-edit.h"

#include <string.h>

#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/policy-private.h"

#define WORD_SHOWN_MAX 80
#define PROFILE_BYTES_MAX 1024 /* no profile is written with more */

BfyPolicy *
bfy_policy_with_rules (const BfyPolicy *base, JsonArray *rules, GError **error)
{
  g_autoptr (JsonObject) document = bfy_policy_to_json (base);
  JsonArray *old = json_object_get_array_member (document, "rules");
  JsonArray *all = json_array_new ();
  g_autofree char *text = NULL;
  gsize length;

  for (guint i = 0; i < json_array_get_length (rules); i++)
    json_array_add_element (all, json_array_dup_element (rules, i));
  for (guint i = 0; i < json_array_get_length (old); i++)
    json_array_add_element (all, json_array_dup_element (old, i));
  json_object_set_array_member (document, "rules", all);
  text = bfy_json_object_to_text (document, &length);

  return bfy_policy_parse (text, length, error);
}

BfyPolicy *
bfy_policy_with_network (const BfyPolicy *base, const char *name, JsonNode *value, GError **error)
{
  g_autoptr (JsonObject) document = bfy_policy_to_json (base);
  JsonObject *network = json_object_has_member (document, "network")
                            ? json_object_get_object_member (document, "network")
                            : NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (network == NULL)
    {
      network = json_object_new ();
      json_object_set_object_member (document, "network", network);
    }
  json_object_set_member (network, name, value);
  text = bfy_json_object_to_text (document, &length);

  return bfy_policy_parse (text, length, error);
}

static char *
to_text (const BfyPolicy *policy)
{
  g_autoptr (JsonObject) document = bfy_policy_to_json (policy);

  return bfy_json_object_to_text (document, NULL);
}

const char *
bfy_policy_find_profile (const BfyPolicy *policy)
{
  const char *const *names = bfy_policy_profile_names ();
  g_autofree char *text = NULL;

  /* Lists of many bindings ask for this, and nothing short is as long as this. */
  if (policy != NULL && strlen (bfy_policy_peek_text (policy)) > PROFILE_BYTES_MAX)
    return NULL;
  text = to_text (policy);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (BfyPolicy) profile = bfy_policy_new_profile (names[i]);
      g_autofree char *other = to_text (profile);

      if (g_str_equal (text, other))
        return names[i];
    }

  return NULL;
}

gboolean
bfy_policy_weighs_access (const BfyPolicy *self)
{
  for (guint i = 0; self != NULL && i < self->rules->len; i++)
    if (g_array_index (self->rules, BfyPolicyRule, i).kind == BFY_POLICY_ACCESS)
      return TRUE;

  return FALSE;
}

gboolean
bfy_policy_refuse_profile (GError **error)
{
  g_autofree char *known = g_strjoinv (", ", (char **) bfy_policy_profile_names ());

  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "The profile is one of %s", known);

  return FALSE;
}

static void
add_rule (JsonArray *rules, const char *kind, JsonArray *patterns, const char *effect)
{
  JsonObject *rule = json_object_new ();

  json_object_set_array_member (rule, kind, patterns);
  json_object_set_string_member (rule, "effect", effect);
  json_array_add_object_element (rules, rule);
}

static gboolean
split (const char *word, char **kind, const char **pattern, GError **error)
{
  const char *sign = strchr (word, '=');
  g_autofree char *shown = NULL;

  if (sign != NULL && sign > word && sign[1] != '\0')
    {
      *kind = g_strndup (word, (gsize) (sign - word));
      *pattern = sign + 1;
      return TRUE;
    }

  shown = bfy_text_to_line (word, WORD_SHOWN_MAX);
  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
               "“%s” does not say what it is about, as in tool=get_* or method=tasks/list", shown);

  return FALSE;
}

gboolean
bfy_policy_add_rules (JsonArray *rules,
                      const char *kind,
                      const char *const *words,
                      const char *effect,
                      GError **error)
{
  JsonArray *patterns = NULL;
  g_autofree char *last = g_strdup (kind);

  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    {
      g_autofree char *own = g_strdup (kind);
      const char *pattern = words[i];

      if (!g_utf8_validate (words[i], -1, NULL))
        {
          g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "Patterns are UTF-8");
          return FALSE;
        }
      if (kind == NULL && !split (words[i], &own, &pattern, error))
        return FALSE;
      if (patterns == NULL || g_strcmp0 (own, last) != 0)
        {
          patterns = json_array_new ();
          add_rule (rules, own, patterns, effect);
          g_free (last);
          last = g_steal_pointer (&own);
        }
      json_array_add_string_element (patterns, pattern);
    }

  return TRUE;
}
