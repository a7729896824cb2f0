/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The document. It is read strictly: a rule that is not understood must not be ignored, and one
 * that could mean two things is refused with its line. */

#include <string.h>

#include "protocol/http-path.h"
#include "protocol/name.h"
#include "protocol/policy-private.h"
#include "protocol/policy-refusal.h"

#define VERSION "1"

typedef struct
{
  const char *text;
  BfyPolicy *policy; /* borrowed */
  guint n_globs;
} Reader;

static const char *const operation_names[] = { "query", "mutation", "subscription" };

static gboolean
refuse (const Reader *self, const BfyJsonSlice *where, GError **error, const char *problem)
{
  return bfy_policy_refuse (self->text, where, error, problem);
}

static gboolean
find_name (const char *const *names, guint n_names, const BfyJsonSlice *wire, guint *index)
{
  for (guint i = 0; i < n_names; i++)
    {
      if (wire->type == BFY_JSON_STRING && bfy_json_slice_equals (wire, names[i]))
        {
          *index = i;
          return TRUE;
        }
    }

  return FALSE;
}

static gboolean
read_effect (const Reader *self, const BfyJsonSlice *value, BfyPolicyEffect *effect, GError **error)
{
  guint index;

  if (!find_name (bfy_policy_effect_names, BFY_POLICY_DENY + 1, value, &index))
    return refuse (self, value, error, "only “allow”, “ask” or “deny” can stand here");
  *effect = index;

  return TRUE;
}

/* In a URI the other signs of shell patterns are ordinary characters; in a name they can only be
 * meant as such, and a rule that silently fits nothing protects nothing. */
static const char *
find_glob_problem (BfyPolicyKind kind, const char *glob)
{
  if (kind == BFY_POLICY_HTTP)
    return bfy_http_pattern_find_problem (glob);
  if (kind != BFY_POLICY_RESOURCE && strpbrk (glob, "?[]{}\\") != NULL)
    return "“*” is the only wildcard";
  for (const char *p = glob; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      return "a pattern has a control character";

  return NULL;
}

/* Words with a meaning of their own go into the mask. */
static const char *
take_word (BfyPolicyRule *rule, const char *word)
{
  BfyAccess access;
  guint index;

  switch (rule->kind)
    {
    case BFY_POLICY_ACCESS:
      if (!bfy_access_from_wire (word, &access))
        return "“access” is “read”, “write” or “danger”";
      rule->mask |= 1u << access;
      return NULL;
    case BFY_POLICY_GRAPHQL:
      if (!bfy_name_find (operation_names, G_N_ELEMENTS (operation_names), word, &index))
        return "“graphql” is “query”, “mutation” or “subscription”";
      rule->mask |= 1u << index;
      return NULL;
    case BFY_POLICY_CAPABILITY:
      return strcmp (word, "*") == 0 || bfy_name_check (word, NULL)
                 ? NULL
                 : "“capability” is the id of one, or “*”";
    case BFY_POLICY_METHOD:
    case BFY_POLICY_TOOL:
    case BFY_POLICY_PROMPT:
    case BFY_POLICY_RESOURCE:
    case BFY_POLICY_HTTP:
    case BFY_N_POLICY_KINDS:
      break;
    }

  return find_glob_problem (rule->kind, word);
}

static gboolean
add_word (Reader *self,
          BfyPolicyRule *rule,
          const BfyJsonSlice *value,
          GStrvBuilder *words,
          GError **error)
{
  g_autofree char *word = bfy_json_slice_dup_string (value);
  const char *problem = NULL;

  if (word == NULL)
    problem = "a pattern is a string";
  else if (*word == '\0')
    problem = "a pattern is empty";
  else if (strlen (word) > BFY_POLICY_GLOB_BYTES_MAX)
    problem = "a pattern is too long";
  else if (++self->n_globs > BFY_POLICY_GLOBS_MAX)
    problem = "there are too many patterns";
  else
    problem = take_word (rule, word);
  if (problem != NULL)
    return refuse (self, value, error, problem);
  g_strv_builder_add (words, word);

  return TRUE;
}

static gboolean
read_words (Reader *self, BfyPolicyRule *rule, const BfyJsonSlice *value, GError **error)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  BfyJsonSlice element;
  BfyJsonIter iter;

  rule->is_list = value->type == BFY_JSON_ARRAY;
  if (!rule->is_list && !add_word (self, rule, value, words, error))
    return FALSE;
  bfy_json_iter_init (&iter, value);
  while (rule->is_list && bfy_json_iter_next (&iter, NULL, &element))
    if (!add_word (self, rule, &element, words, error))
      return FALSE;
  rule->words = g_strv_builder_end (words);

  return rule->words[0] != NULL || refuse (self, value, error, "there is no pattern in it");
}

static gboolean
read_argument (Reader *self,
               BfyPolicyRule *rule,
               const BfyJsonSlice *key,
               const BfyJsonSlice *value,
               GError **error)
{
  g_autofree char *pointer = bfy_json_slice_dup_string (key);
  BfyPolicyArgument *argument;
  const char *problem;

  if (rule->arguments->len == BFY_POLICY_ARGUMENTS_MAX || ++self->n_globs > BFY_POLICY_GLOBS_MAX)
    return refuse (self, key, error, "there are too many arguments");
  argument = bfy_policy_argument_read (pointer, value, &problem);
  if (argument == NULL)
    return refuse (self, key, error, problem);
  argument->place = bfy_policy_share_place (self->policy, argument->pointer);
  g_ptr_array_add (rule->arguments, argument);

  return TRUE;
}

static gboolean
read_arguments (Reader *self, BfyPolicyRule *rule, const BfyJsonSlice *object, GError **error)
{
  BfyJsonSlice key, value;
  BfyJsonIter iter;

  if (object->type != BFY_JSON_OBJECT)
    return refuse (self, object, error, "“arguments” is an object of JSON pointers");
  rule->arguments = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_policy_argument_free);
  bfy_json_iter_init (&iter, object);
  while (bfy_json_iter_next (&iter, &key, &value))
    if (!read_argument (self, rule, &key, &value, error))
      return FALSE;
  if (rule->arguments->len == 0)
    return refuse (self, object, error, "there is no argument in it");
  rule->as_written = bfy_json_parse_object (object->start, object->length, NULL);

  return rule->as_written != NULL || refuse (self, object, error, "a number is too large");
}

static gboolean
read_name (Reader *self, BfyPolicyRule *rule, const BfyJsonSlice *value, GError **error)
{
  g_autofree char *name = bfy_json_slice_dup_string (value);

  rule->name = name != NULL ? bfy_label_normalize (name, NULL) : NULL;

  return rule->name != NULL ||
         refuse (self, value, error, "a rule’s name is one line of at most 100 characters");
}

static gboolean
read_reach (Reader *self, BfyPolicyRule *rule, const BfyJsonSlice *value, GError **error)
{
  guint index;

  if (!find_name (bfy_policy_reach_names, BFY_N_WISH_REACHES, value, &index))
    return refuse (self, value, error, "“grant” is “tool”, “arguments” or “once”");
  rule->has_reach = TRUE;
  rule->reach = index;

  return TRUE;
}

static gboolean
read_member (Reader *self,
             BfyPolicyRule *rule,
             gboolean *has_effect,
             const BfyJsonSlice *key,
             const BfyJsonSlice *value,
             GError **error)
{
  guint kind;

  if (bfy_json_slice_equals (key, "name"))
    return read_name (self, rule, value, error);
  if (bfy_json_slice_equals (key, "arguments"))
    return read_arguments (self, rule, value, error);
  if (bfy_json_slice_equals (key, "effect"))
    {
      *has_effect = TRUE;
      return read_effect (self, value, &rule->effect, error);
    }
  if (bfy_json_slice_equals (key, "grant"))
    return read_reach (self, rule, value, error);
  if (!find_name (bfy_policy_kind_names, BFY_N_POLICY_KINDS, key, &kind))
    return bfy_policy_refuse_unknown (self->text, key, error);
  if (rule->words != NULL)
    return refuse (self, key, error, "a rule speaks of one kind of thing");
  rule->kind = kind;

  return read_words (self, rule, value, error);
}

static gboolean
finish_rule (Reader *self, BfyPolicyRule *rule, const BfyJsonSlice *object, GError **error)
{
  gboolean has_none = rule->kind == BFY_POLICY_METHOD || rule->kind == BFY_POLICY_RESOURCE;

  if (has_none && rule->arguments != NULL)
    return refuse (self, object, error, "a “method” or “resource” has no “arguments” here");
  if (rule->has_reach && rule->effect != BFY_POLICY_ASK)
    return refuse (self, object, error, "only a rule that asks has a “grant”");
  if (rule->effect != BFY_POLICY_ALLOW)
    rule->folded = bfy_fold_words (rule->words);
  bfy_policy_rule_measure (rule);
  if (rule->effect == BFY_POLICY_ASK)
    bfy_policy_rule_digest_in (rule);
  self->policy->has_arguments |= rule->arguments != NULL;
  self->policy->has_http |= rule->kind == BFY_POLICY_HTTP;
  self->policy->has_graphql |= rule->kind == BFY_POLICY_GRAPHQL;

  return TRUE;
}

static gboolean
add_rule (Reader *self, const BfyJsonSlice *object, GError **error)
{
  GArray *rules = self->policy->rules;
  gboolean has_effect = FALSE;
  BfyJsonSlice key, value;
  BfyPolicyRule *rule;
  BfyJsonIter iter;

  if (object->type != BFY_JSON_OBJECT)
    return refuse (self, object, error, "a rule is an object");
  if (rules->len == BFY_POLICY_RULES_MAX)
    return refuse (self, object, error, "there are too many rules");
  g_array_set_size (rules, rules->len + 1); /* zeroed */
  rule = &g_array_index (rules, BfyPolicyRule, rules->len - 1);

  bfy_json_iter_init (&iter, object);
  while (bfy_json_iter_next (&iter, &key, &value))
    if (!read_member (self, rule, &has_effect, &key, &value, error))
      return FALSE;
  if (!has_effect || rule->words == NULL)
    return refuse (self, object, error,
                   "a rule has an “effect” and one of “tool”, “prompt”, “resource”, “method”, "
                   "“http”, “graphql”, “capability”, “access”");

  return finish_rule (self, rule, object, error);
}

static gboolean
read_rules (Reader *self, const BfyJsonSlice *array, GError **error)
{
  BfyJsonSlice element;
  BfyJsonIter iter;

  if (array->type != BFY_JSON_ARRAY)
    return refuse (self, array, error, "“rules” is an array");
  bfy_json_iter_init (&iter, array);
  while (bfy_json_iter_next (&iter, NULL, &element))
    if (!add_rule (self, &element, error))
      return FALSE;

  return TRUE;
}

static gboolean
read_version (const Reader *self, const BfyJsonSlice *value, GError **error)
{
  if (value->type == BFY_JSON_NUMBER && value->length == strlen (VERSION) &&
      memcmp (value->start, VERSION, value->length) == 0)
    return TRUE;

  return refuse (self, value, error, "“version” is " VERSION);
}

static gboolean
read_network (Reader *self, const BfyJsonSlice *object, GError **error)
{
  self->policy->network = bfy_network_policy_read (self->text, object, error);

  return self->policy->network != NULL;
}

static gboolean
read_limits (Reader *self, const BfyJsonSlice *object, GError **error)
{
  self->policy->has_quotas = TRUE;

  return bfy_quotas_read (self->text, object, &self->policy->quotas, error);
}

static gboolean
read_document (Reader *self, const BfyJsonSlice *root, GError **error)
{
  gboolean has_version = FALSE;
  gboolean has_default = FALSE;
  BfyJsonSlice key, value;
  BfyJsonIter iter;

  if (root->type != BFY_JSON_OBJECT)
    return refuse (self, root, error, "it is an object");
  bfy_json_iter_init (&iter, root);
  while (bfy_json_iter_next (&iter, &key, &value))
    {
      gboolean is_good;

      if (bfy_json_slice_equals (&key, "version"))
        is_good = has_version = read_version (self, &value, error);
      else if (bfy_json_slice_equals (&key, "default"))
        is_good = has_default = read_effect (self, &value, &self->policy->fallback, error);
      else if (bfy_json_slice_equals (&key, "rules"))
        is_good = read_rules (self, &value, error);
      else if (bfy_json_slice_equals (&key, "network"))
        is_good = read_network (self, &value, error);
      else if (bfy_json_slice_equals (&key, "limits"))
        is_good = read_limits (self, &value, error);
      else
        is_good = bfy_policy_refuse_unknown (self->text, &key, error);
      if (!is_good)
        return FALSE;
    }

  return (has_version && has_default) ||
         refuse (self, root, error, "it has a “version” and a “default”");
}

BfyPolicy *
bfy_policy_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (BfyPolicy) policy = NULL;
  BfyJsonSlice root;
  Reader reader;

  if (length > BFY_POLICY_BYTES_MAX)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_TOO_LARGE, "A policy has at most %d bytes",
                   BFY_POLICY_BYTES_MAX);
      return NULL;
    }
  if (!bfy_json_check_document (text, length, error))
    return NULL;

  policy = bfy_policy_new_private (text, length);
  reader = (Reader){ .text = text, .policy = policy };
  bfy_json_slice_root (text, length, &root);

  return read_document (&reader, &root, error) ? g_steal_pointer (&policy) : NULL;
}
