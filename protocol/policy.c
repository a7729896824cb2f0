/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The document. It is read strictly: a rule that is not understood must not be ignored, and one
 * that could mean two things is refused with its line. */

#include <string.h>

#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/policy-private.h"

#define VERSION "1"
#define SHOWN_CHARACTERS_MAX 40

static const char *const effect_names[] = {
  [BFY_POLICY_ALLOW] = "allow",
  [BFY_POLICY_ASK] = "ask",
  [BFY_POLICY_DENY] = "deny",
};

static const char *const kind_names[] = {
  [BFY_POLICY_METHOD] = "method",
  [BFY_POLICY_TOOL] = "tool",
  [BFY_POLICY_PROMPT] = "prompt",
  [BFY_POLICY_RESOURCE] = "resource",
};

typedef struct
{
  const char *text;
  BfyPolicy *policy; /* borrowed */
  guint n_globs;
} Reader;

static void
rule_clear (gpointer data)
{
  BfyPolicyRule *rule = data;

  g_strfreev (rule->globs);
  g_strfreev (rule->folded);
}

static BfyPolicy *
policy_new (const char *text, gsize length)
{
  BfyPolicy *self = g_new0 (BfyPolicy, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->text = g_strndup (text, length);
  self->rules = g_array_new (FALSE, TRUE, sizeof (BfyPolicyRule));
  g_array_set_clear_func (self->rules, rule_clear);

  return self;
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

  g_array_unref (self->rules);
  g_free (self->text);
  g_free (self);
}

static gboolean
refuse (const Reader *self, const BfyJsonSlice *where, GError **error, const char *problem)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "Not a policy: line %u: %s",
               bfy_json_line (self->text, where->start), problem);

  return FALSE;
}

static gboolean
refuse_unknown (const Reader *self, const BfyJsonSlice *key, GError **error)
{
  g_autofree char *name = bfy_json_slice_dup_string (key);
  g_autofree char *shown = bfy_text_to_line (name, SHOWN_CHARACTERS_MAX);
  g_autofree char *problem = g_strdup_printf ("“%s” is not known here", shown);

  return refuse (self, key, error, problem);
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

  if (!find_name (effect_names, G_N_ELEMENTS (effect_names), value, &index))
    return refuse (self, value, error, "only “allow”, “ask” or “deny” can stand here");
  *effect = index;

  return TRUE;
}

/* In a URI the other signs of shell patterns are ordinary characters; in a name they can only be
 * meant as such, and a rule that silently fits nothing protects nothing. */
static const char *
find_glob_problem (BfyPolicyKind kind, const char *glob)
{
  if (*glob == '\0')
    return "a pattern is empty";
  if (strlen (glob) > BFY_POLICY_GLOB_BYTES_MAX)
    return "a pattern is too long";
  if (kind != BFY_POLICY_RESOURCE && strpbrk (glob, "?[]{}\\") != NULL)
    return "“*” is the only wildcard";
  for (const char *p = glob; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      return "a pattern has a control character";

  return NULL;
}

static gboolean
add_glob (Reader *self,
          BfyPolicyKind kind,
          const BfyJsonSlice *value,
          GStrvBuilder *globs,
          GError **error)
{
  g_autofree char *glob = bfy_json_slice_dup_string (value);
  const char *problem = glob != NULL ? find_glob_problem (kind, glob) : "a pattern is a string";

  if (problem == NULL && ++self->n_globs > BFY_POLICY_GLOBS_MAX)
    problem = "there are too many patterns";
  if (problem != NULL)
    return refuse (self, value, error, problem);
  g_strv_builder_add (globs, glob);

  return TRUE;
}

static gboolean
read_globs (Reader *self, BfyPolicyRule *rule, const BfyJsonSlice *value, GError **error)
{
  g_autoptr (GStrvBuilder) globs = g_strv_builder_new ();
  BfyJsonSlice element;
  BfyJsonIter iter;

  rule->is_list = value->type == BFY_JSON_ARRAY;
  if (!rule->is_list && !add_glob (self, rule->kind, value, globs, error))
    return FALSE;
  bfy_json_iter_init (&iter, value);
  while (rule->is_list && bfy_json_iter_next (&iter, NULL, &element))
    if (!add_glob (self, rule->kind, &element, globs, error))
      return FALSE;
  rule->globs = g_strv_builder_end (globs);

  return rule->globs[0] != NULL || refuse (self, value, error, "there is no pattern in it");
}

static GStrv
fold (const GStrv globs)
{
  g_autoptr (GStrvBuilder) folded = g_strv_builder_new ();

  for (guint i = 0; globs[i] != NULL; i++)
    {
      g_autofree char *text = g_utf8_casefold (globs[i], -1);

      g_strv_builder_add (folded, text);
    }

  return g_strv_builder_end (folded);
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

  if (bfy_json_slice_equals (key, "effect"))
    {
      *has_effect = TRUE;
      return read_effect (self, value, &rule->effect, error);
    }
  if (!find_name (kind_names, G_N_ELEMENTS (kind_names), key, &kind))
    return refuse_unknown (self, key, error);
  if (rule->globs != NULL)
    return refuse (self, key, error, "a rule speaks of one kind of thing");
  rule->kind = kind;

  return read_globs (self, rule, value, error);
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
  if (!has_effect || rule->globs == NULL)
    return refuse (self, object, error,
                   "a rule has an “effect” and one of “tool”, “prompt”, “resource”, “method”");
  if (rule->effect != BFY_POLICY_ALLOW)
    rule->folded = fold (rule->globs);

  return TRUE;
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
      else if (bfy_json_slice_equals (&key, "limits"))
        is_good = self->policy->has_quotas =
            bfy_quotas_read (self->text, &value, &self->policy->quotas, error);
      else
        is_good = refuse_unknown (self, &key, error);
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

  policy = policy_new (text, length);
  reader = (Reader){ .text = text, .policy = policy };
  bfy_json_slice_root (text, length, &root);

  return read_document (&reader, &root, error) ? g_steal_pointer (&policy) : NULL;
}

const BfyNetworkPolicy *
bfy_policy_get_network (const BfyPolicy *self)
{
  return NULL;
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

static void
set_globs (JsonObject *object, const BfyPolicyRule *rule)
{
  JsonArray *array;

  if (!rule->is_list)
    {
      json_object_set_string_member (object, kind_names[rule->kind], rule->globs[0]);
      return;
    }

  array = json_array_new ();
  for (guint i = 0; rule->globs[i] != NULL; i++)
    json_array_add_string_element (array, rule->globs[i]);
  json_object_set_array_member (object, kind_names[rule->kind], array);
}

JsonObject *
bfy_policy_to_json (const BfyPolicy *self)
{
  BfyPolicyEffect fallback = self != NULL ? self->fallback : BFY_POLICY_ALLOW;
  JsonObject *document = json_object_new ();
  JsonArray *rules = json_array_new ();

  for (guint i = 0; self != NULL && i < self->rules->len; i++)
    {
      const BfyPolicyRule *rule = &g_array_index (self->rules, BfyPolicyRule, i);
      JsonObject *object = json_object_new ();

      set_globs (object, rule);
      json_object_set_string_member (object, "effect", effect_names[rule->effect]);
      json_array_add_object_element (rules, object);
    }
  json_object_set_int_member (document, "version", 1);
  json_object_set_string_member (document, "default", effect_names[fallback]);
  json_object_set_array_member (document, "rules", rules);

  return document;
}

const char *
bfy_policy_effect_to_wire (BfyPolicyEffect effect)
{
  return effect_names[effect];
}
