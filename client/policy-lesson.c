/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/policy-lesson.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/fields.h"
#include "protocol/error.h"
#include "protocol/name.h"
#include "protocol/policy.h"

/* A policy has no room for more. */
#define SUBJECTS_MAX 1000
#define BYTES_MAX (BFY_POLICY_BYTES_MAX - 16 * 1024)
#define FAMILY_MIN 2 /* tools that make a pattern */
#define NAME_SHOWN_MAX 80

/* One tool, prompt, resource or method. */
typedef struct
{
  const char *kind; /* member of a rule; static */
  char *name;       /* (owned) */
  gboolean is_used; /* when it was last tried, it was let through */
} Subject;

struct _BfyPolicyLesson
{
  GPtrArray *subjects; /* (owned) (element-type Subject) in the order of their first use */
  GHashTable *by_key;  /* (owned) "kind name" → Subject, borrowed */
  BfyPolicy *nothing;  /* (owned) denies whatever does not always pass */
  gsize n_bytes;       /* of all names */
  guint n_uses;
  gboolean is_full;
};

static const struct
{
  const char *method;
  const char *kind;
} kinds[] = {
  { "tools/call", NC_ ("kind", "tool") },
  { "prompts/get", NC_ ("kind", "prompt") },
  { "resources/read", NC_ ("kind", "resource") },
  { "resources/subscribe", NC_ ("kind", "resource") },
  { "resources/unsubscribe", NC_ ("kind", "resource") },
};

static void
subject_free (gpointer data)
{
  Subject *subject = data;

  g_free (subject->name);
  g_free (subject);
}

BfyPolicyLesson *
bfy_policy_lesson_new (void)
{
  static const char nothing[] = "{\"version\":1,\"default\":\"deny\",\"rules\":[]}";
  BfyPolicyLesson *self = g_new0 (BfyPolicyLesson, 1);

  self->subjects = g_ptr_array_new_with_free_func (subject_free);
  self->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->nothing = bfy_policy_parse (nothing, strlen (nothing), NULL);

  return self;
}

void
bfy_policy_lesson_free (BfyPolicyLesson *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->by_key);
  g_ptr_array_unref (self->subjects);
  bfy_policy_unref (self->nothing);
  g_free (self);
}

/* Which rule it would need; NULL for what always passes and what does not tell. */
static const char *
find_kind (BfyPolicyLesson *self, const char *method, const char *name)
{
  BfyRpcMessage message = { .kind = BFY_RPC_REQUEST, .method = (char *) method };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i].method, method) == 0)
      return *name != '\0' ? kinds[i].kind : NULL;
  if (strcmp (method, "completion/complete") == 0)
    return *name == '\0' ? NULL : strstr (name, "://") != NULL ? "resource" : "prompt";
  if (*method == '\0' || strchr (method, '/') == NULL ||
      bfy_policy_check (self->nothing, &message, NULL).effect == BFY_POLICY_ALLOW)
    return NULL;

  return NC_ ("kind", "method");
}

static Subject *
ensure (BfyPolicyLesson *self, const char *kind, const char *name)
{
  g_autofree char *key = g_strconcat (kind, " ", name, NULL);
  Subject *subject = g_hash_table_lookup (self->by_key, key);

  if (subject != NULL)
    return subject;
  self->n_bytes += strlen (name);
  self->is_full = self->is_full || self->subjects->len == SUBJECTS_MAX || self->n_bytes > BYTES_MAX;
  if (self->is_full)
    return NULL;
  subject = g_new0 (Subject, 1);
  subject->kind = kind;
  subject->name = g_strdup (name);
  g_ptr_array_add (self->subjects, subject);
  g_hash_table_insert (self->by_key, g_steal_pointer (&key), subject);

  return subject;
}

/* Refused by the policy, not by a pause, a limit or a lock, which say nothing about what it is. */
static gboolean
is_refusal (const char *category)
{
  return strcmp (category, bfy_error_to_wire (BFY_ERROR_DENIED)) == 0 ||
         g_str_has_prefix (category, "approval_");
}

void
bfy_policy_lesson_take (BfyPolicyLesson *self, JsonObject *event)
{
  const char *method = bfy_field_text (event, "method");
  const char *name = bfy_field_text (event, "tool");
  gboolean is_blocked = strcmp (bfy_field_text (event, "outcome"), "blocked") == 0;
  const char *kind;
  Subject *subject;

  if (strcmp (bfy_field_text (event, "type"), "proxy_request") != 0 ||
      (is_blocked && !is_refusal (bfy_field_text (event, "category"))))
    return;
  kind = find_kind (self, method, name);
  if (kind == NULL)
    return;
  subject = ensure (self, kind, strcmp (kind, "method") == 0 ? method : name);
  if (subject == NULL)
    return;
  subject->is_used = !is_blocked;
  self->n_uses += is_blocked ? 0 : 1;
}

guint
bfy_policy_lesson_n_uses (const BfyPolicyLesson *self)
{
  return self->n_uses;
}

/* A pattern that would mean more than the name, or nothing at all, is none. */
static gboolean
can_be_pattern (const Subject *subject)
{
  return strpbrk (subject->name, "*?[]{}\\\"") == NULL && g_str_is_ascii (subject->name) &&
         strlen (subject->name) < BFY_POLICY_GLOB_BYTES_MAX &&
         strcspn (subject->name, "\n\r\t\x1b") == strlen (subject->name);
}

/* "get_" of "get_issue"; NULL for what has none. */
static char *
dup_family (const Subject *subject)
{
  gsize length = strcspn (subject->name, "_-");

  if (strcmp (subject->kind, "tool") != 0 || length == 0 || subject->name[length] == '\0')
    return NULL;

  return g_strndup (subject->name, length + 1);
}

/* Nothing of that beginning was refused, and nothing of it that was used does more than read.
 * Servers may not tell upper from lower case. */
static gboolean
is_good_family (const BfyPolicyLesson *self, const char *family)
{
  guint n_members = 0;

  for (guint i = 0; i < self->subjects->len; i++)
    {
      const Subject *subject = self->subjects->pdata[i];

      if (strcmp (subject->kind, "tool") != 0 ||
          g_ascii_strncasecmp (subject->name, family, strlen (family)) != 0)
        continue;
      if (!subject->is_used || bfy_access_of_tool_name (subject->name) != BFY_ACCESS_READ)
        return FALSE;
      n_members++;
    }

  return n_members >= FAMILY_MIN;
}

static char *
choose_pattern (const BfyPolicyLesson *self, const Subject *subject)
{
  g_autofree char *family = dup_family (subject);

  if (family != NULL && is_good_family (self, family))
    return g_strconcat (family, "*", NULL);

  return g_strdup (subject->name);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* (element-type utf8) sorted, each once. */
static GPtrArray *
list_patterns (const BfyPolicyLesson *self, const char *kind)
{
  GPtrArray *patterns = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->subjects->len; i++)
    {
      const Subject *subject = self->subjects->pdata[i];
      g_autofree char *pattern = NULL;

      if (strcmp (subject->kind, kind) != 0 || !subject->is_used || !can_be_pattern (subject))
        continue;
      pattern = choose_pattern (self, subject);
      if (g_hash_table_contains (known, pattern))
        continue;
      g_hash_table_add (known, pattern);
      g_ptr_array_add (patterns, g_steal_pointer (&pattern));
    }
  g_ptr_array_sort (patterns, compare_texts);

  return patterns;
}

static void
add_rule (JsonArray *rules, const char *kind, GPtrArray *patterns)
{
  JsonArray *array;
  JsonObject *rule;

  if (patterns->len == 0)
    return;
  array = json_array_new ();
  rule = json_object_new ();
  for (guint i = 0; i < patterns->len; i++)
    json_array_add_string_element (array, patterns->pdata[i]);
  json_object_set_array_member (rule, kind, array);
  json_object_set_string_member (rule, "effect", "allow");
  json_array_add_object_element (rules, rule);
}

JsonObject *
bfy_policy_lesson_propose (BfyPolicyLesson *self)
{
  static const char *const order[] = { "tool", "prompt", "resource", "method" };
  JsonObject *policy = json_object_new ();
  JsonArray *rules = json_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      g_autoptr (GPtrArray) patterns = list_patterns (self, order[i]);

      add_rule (rules, order[i], patterns);
    }
  json_object_set_int_member (policy, "version", 1);
  json_object_set_string_member (policy, "default", "ask");
  json_object_set_array_member (policy, "rules", rules);

  return policy;
}

/* NULL when there is nothing to say. */
static char *
describe_note (const Subject *subject)
{
  g_autofree char *name = bfy_text_to_line (subject->name, NAME_SHOWN_MAX);
  const char *kind = g_dpgettext2 (NULL, "kind", subject->kind);

  if (!subject->is_used)
    /* Translators: in these, "tool", "prompt", "resource" or "method", and its name. */
    return g_strdup_printf (_ ("%s “%s” was refused and is left out"), kind, name);
  if (!can_be_pattern (subject))
    return g_strdup_printf (_ ("%s “%s” cannot be written as a pattern and is left out"), kind,
                            name);
  if (strcmp (subject->kind, "tool") == 0 &&
      bfy_access_of_tool_name (subject->name) == BFY_ACCESS_DANGER)
    return g_strdup_printf (_ ("%s “%s” was used and is allowed, though it cannot be taken back"),
                            kind, name);

  return NULL;
}

GStrv
bfy_policy_lesson_notes (BfyPolicyLesson *self)
{
  g_autoptr (GStrvBuilder) notes = g_strv_builder_new ();

  for (guint i = 0; i < self->subjects->len; i++)
    {
      g_autofree char *line = describe_note (self->subjects->pdata[i]);

      if (line != NULL)
        g_strv_builder_add (notes, line);
    }
  if (self->is_full)
    g_strv_builder_add (notes, _ ("there was more than a policy has room for"));

  return g_strv_builder_end (notes);
}
