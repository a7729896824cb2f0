/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whether one rule fits one request. An allowing rule is held against what is surely meant, every
 * other one (“loose”) also against what a server may take it for. */

#include <string.h>

#include "protocol/http-path.h"
#include "protocol/policy-private.h"

static gboolean
is_loose (const BfyPolicyRule *self)
{
  return self->effect != BFY_POLICY_ALLOW;
}

void
bfy_policy_rule_measure (BfyPolicyRule *self)
{
  const GStrv words = self->folded != NULL ? self->folded : self->words;

  self->n_patterns = g_strv_length (words);
  self->patterns = g_new0 (BfyPolicyPattern, self->n_patterns);
  for (guint i = 0; i < self->n_patterns; i++)
    {
      self->patterns[i].glob = bfy_glob_measure (words[i], strlen (words[i]));
      if (self->kind == BFY_POLICY_HTTP)
        self->patterns[i].marks = bfy_http_pattern_marks (words[i]);
    }
}

static gboolean
glob_fits (const BfyPolicyRule *self, const char *text, const char *folded)
{
  const char *subject = is_loose (self) ? folded : text;
  gsize length = strlen (subject);

  for (guint i = 0; i < self->n_patterns; i++)
    if (bfy_glob_fits (&self->patterns[i].glob, subject, length))
      return TRUE;

  return FALSE;
}

static gboolean
http_fits (const BfyPolicyRule *self, const BfyPolicySubject *subject)
{
  BfyHttpMatch match = is_loose (self) ? BFY_HTTP_MATCH_LOOSE : BFY_HTTP_MATCH_EXACT;
  const char *method = is_loose (self) ? subject->folded_method : subject->method;
  const char *path = is_loose (self) ? subject->folded_name : subject->name;
  guint64 marks = is_loose (self) ? subject->folded_marks : subject->marks;

  for (guint i = 0; i < self->n_patterns; i++)
    if ((marks == 0 || (self->patterns[i].marks & ~marks) == 0) &&
        bfy_http_pattern_matches (self->patterns[i].glob.text, method, path, match))
      return TRUE;

  return FALSE;
}

/* To be allowed, all that a request may do has to be; to be denied, any of it. */
static gboolean
graphql_fits (const BfyPolicyRule *self, const BfyGraphqlRequest *request)
{
  if (is_loose (self))
    return (request->operations & self->mask) != 0;

  return request->is_endpoint && request->operations != BFY_GRAPHQL_NONE &&
         (request->operations & ~self->mask) == 0;
}

static gboolean
has_id (const BfyPolicyRule *self, const BfyCapability *capability)
{
  for (guint i = 0; self->words[i] != NULL; i++)
    if (strcmp (self->words[i], "*") == 0 || strcmp (self->words[i], capability->id) == 0)
      return TRUE;

  return FALSE;
}

static gboolean
capability_fits (const BfyPolicyRule *self, const BfyPolicySubject *subject)
{
  GPtrArray *capabilities = subject->facts != NULL ? subject->facts->capabilities : NULL;

  if (!is_loose (self))
    return subject->capability != NULL && has_id (self, subject->capability);
  for (guint i = 0; i < MIN (subject->n_taken_for, BFY_TAKEN_FOR_MAX); i++)
    if (has_id (self, subject->taken_for[i]))
      return TRUE;
  if (subject->n_taken_for <= BFY_TAKEN_FOR_MAX)
    return FALSE;

  for (guint i = 0; i < capabilities->len; i++)
    {
      const BfyCapability *capability = g_ptr_array_index (capabilities, i);

      if (has_id (self, capability) && bfy_policy_subject_may_be (subject, capability))
        return TRUE;
    }

  return FALSE;
}

/* Requests over HTTP have no method of MCP, and the other way round. */
static gboolean
can_be_about (BfyPolicyKind rule, BfyPolicyKind subject)
{
  switch (rule)
    {
    case BFY_POLICY_ACCESS:
      return TRUE;
    case BFY_POLICY_CAPABILITY:
      return subject == BFY_POLICY_TOOL || subject == BFY_POLICY_HTTP;
    case BFY_POLICY_METHOD:
      return subject != BFY_POLICY_HTTP;
    case BFY_POLICY_GRAPHQL:
      return subject == BFY_POLICY_HTTP;
    case BFY_POLICY_TOOL:
    case BFY_POLICY_PROMPT:
    case BFY_POLICY_RESOURCE:
    case BFY_POLICY_HTTP:
    case BFY_N_POLICY_KINDS:
      break;
    }

  return rule == subject;
}

static gboolean
name_fits (const BfyPolicyRule *self, const BfyPolicySubject *subject)
{
  switch (self->kind)
    {
    case BFY_POLICY_METHOD:
      return glob_fits (self, subject->method, subject->folded_method);
    case BFY_POLICY_TOOL:
    case BFY_POLICY_PROMPT:
    case BFY_POLICY_RESOURCE:
      return glob_fits (self, subject->name, subject->folded_name);
    case BFY_POLICY_HTTP:
      return http_fits (self, subject);
    case BFY_POLICY_GRAPHQL:
      return graphql_fits (self, &subject->graphql);
    case BFY_POLICY_CAPABILITY:
      return capability_fits (self, subject);
    case BFY_POLICY_ACCESS:
      return (self->mask & (1u << subject->access)) != 0;
    case BFY_N_POLICY_KINDS:
      break;
    }

  return FALSE;
}

static BfyMiss
arguments_miss (const BfyPolicyRule *self,
                const BfyPolicySubject *subject,
                const BfyPolicyArgument **argument)
{
  BfyFit needed = is_loose (self) ? BFY_FIT_UNSURE : BFY_FIT_YES;

  if (subject->is_listed)
    return self->effect == BFY_POLICY_DENY ? BFY_MISS_LISTED : BFY_MISS_NONE;
  for (guint i = 0; i < self->arguments->len; i++)
    {
      *argument = g_ptr_array_index (self->arguments, i);
      if (bfy_policy_argument_fits (*argument, subject->arguments, subject->places) < needed)
        return BFY_MISS_ARGUMENT;
    }

  return BFY_MISS_NONE;
}

BfyMiss
bfy_policy_rule_miss (const BfyPolicyRule *self,
                      const BfyPolicySubject *subject,
                      const BfyPolicyArgument **argument)
{
  if (!can_be_about (self->kind, subject->kind))
    return BFY_MISS_KIND;
  if (!name_fits (self, subject))
    return BFY_MISS_NAME;

  return self->arguments != NULL ? arguments_miss (self, subject, argument) : BFY_MISS_NONE;
}
