/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/policy-review.h"

#include <string.h>

#include "protocol/glob.h"
#include "protocol/policy-private.h"

#define ANY "*"
#define CLOSED "{\"version\":1,\"default\":\"deny\",\"rules\":[],\"network\":{\"block\":[\"any\"]}}"

BfyPolicy *
bfy_policy_new_unreadable (const char *text)
{
  g_autoptr (GError) error = NULL;
  BfyPolicy *self = bfy_policy_parse (CLOSED, strlen (CLOSED), &error);

  g_assert_no_error (error);
  g_free (self->text);
  self->text = g_strdup (text);
  self->is_unreadable = TRUE;

  return self;
}

gboolean
bfy_policy_is_unreadable (const BfyPolicy *self)
{
  return self != NULL && self->is_unreadable;
}

static gboolean
is_any (const BfyPolicyRule *rule)
{
  return g_strv_contains ((const char *const *) rule->words, ANY);
}

/* The star of a pattern can only be met by a star, so one pattern that matches the text of another
 * matches all that the other does. Patterns of HTTP are more than that: only the same is. */
static gboolean
word_covers (const BfyPolicyRule *first, const char *word, const char *other)
{
  switch (first->kind)
    {
    case BFY_POLICY_METHOD:
    case BFY_POLICY_TOOL:
    case BFY_POLICY_PROMPT:
    case BFY_POLICY_RESOURCE:
      return bfy_glob_matches (word, other);
    case BFY_POLICY_CAPABILITY:
      return strcmp (word, ANY) == 0 || strcmp (word, other) == 0;
    case BFY_POLICY_HTTP:
    case BFY_POLICY_GRAPHQL:
    case BFY_POLICY_ACCESS:
    case BFY_N_POLICY_KINDS:
      break;
    }

  return strcmp (word, other) == 0;
}

static gboolean
words_cover (const BfyPolicyRule *first, const char *other)
{
  const GStrv words = first->effect != BFY_POLICY_ALLOW ? first->folded : first->words;
  g_autofree char *folded =
      first->effect != BFY_POLICY_ALLOW ? g_utf8_casefold (other, -1) : g_strdup (other);

  for (guint i = 0; words[i] != NULL; i++)
    if (word_covers (first, words[i], folded))
      return TRUE;

  return FALSE;
}

static gboolean
all_words_are_covered (const BfyPolicyRule *first, const BfyPolicyRule *second)
{
  for (guint i = 0; second->words[i] != NULL; i++)
    if (!words_cover (first, second->words[i]))
      return FALSE;

  return TRUE;
}

/* By patterns that fit everything that @second can be about, in whatever spelling. */
static gboolean
covers_everything (const BfyPolicyRule *first, const BfyPolicyRule *second)
{
  switch (second->kind)
    {
    case BFY_POLICY_TOOL:
    case BFY_POLICY_PROMPT:
    case BFY_POLICY_RESOURCE:
    case BFY_POLICY_METHOD:
      return (first->kind == second->kind || first->kind == BFY_POLICY_METHOD) && is_any (first);
    case BFY_POLICY_ACCESS:
      return first->kind == BFY_POLICY_ACCESS && (second->mask & ~first->mask) == 0;
    case BFY_POLICY_HTTP:
    case BFY_POLICY_GRAPHQL:
    case BFY_POLICY_CAPABILITY:
    case BFY_N_POLICY_KINDS:
      break;
    }

  return FALSE;
}

/* One that denies or asks also fits what a server may take for it, so one that allows the same does
 * not cover it. */
static gboolean
covers (const BfyPolicyRule *first, const BfyPolicyRule *second)
{
  const guint all = 1u << BFY_ACCESS_READ | 1u << BFY_ACCESS_WRITE | 1u << BFY_ACCESS_DANGER;

  if (first->arguments != NULL)
    return FALSE;
  if ((first->kind == BFY_POLICY_ACCESS && first->mask == all) || covers_everything (first, second))
    return TRUE;
  if (first->kind != second->kind || first->kind == BFY_POLICY_ACCESS ||
      (first->effect == BFY_POLICY_ALLOW && second->effect != BFY_POLICY_ALLOW))
    return FALSE;
  if (first->kind == BFY_POLICY_GRAPHQL)
    return (second->mask & ~first->mask) == 0;

  return all_words_are_covered (first, second);
}

BfyPolicyCovered
bfy_policy_find_covered (const BfyPolicy *self)
{
  for (guint i = 1; self != NULL && i < self->rules->len; i++)
    {
      const BfyPolicyRule *rule = &g_array_index (self->rules, BfyPolicyRule, i);

      for (guint n = 0; n < i; n++)
        if (covers (&g_array_index (self->rules, BfyPolicyRule, n), rule))
          return (BfyPolicyCovered){ i + 1, n + 1 };
    }

  return (BfyPolicyCovered){ 0, 0 };
}
