/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a policy says about a message. The methods of MCP are known here with what they are about; a
 * method that is not known is decided by its name alone, and one that differs from a known one only
 * by case is unclear, because a server may take it for that. */

#include <string.h>

#include "protocol/policy-private.h"
#include "protocol/policy.h"

typedef enum
{
  ABOUT_ITSELF,
  ABOUT_PROTOCOL, /* always passes */
  ABOUT_TOOL,
  ABOUT_PROMPT,
  ABOUT_RESOURCE,
  ABOUT_REFERENCE,     /* a prompt or a resource */
  ABOUT_SUBSCRIPTIONS, /* any number of resources, also none */
} About;

typedef struct
{
  const char *name;
  About about;
} Method;

static const Method methods[] = {
  { "initialize", ABOUT_PROTOCOL },
  { "ping", ABOUT_PROTOCOL },
  { "server/discover", ABOUT_PROTOCOL },
  { "tools/list", ABOUT_PROTOCOL },
  { "prompts/list", ABOUT_PROTOCOL },
  { "resources/list", ABOUT_PROTOCOL },
  { "resources/templates/list", ABOUT_PROTOCOL },
  { "logging/setLevel", ABOUT_PROTOCOL },
  { "tools/call", ABOUT_TOOL },
  { "prompts/get", ABOUT_PROMPT },
  { "resources/read", ABOUT_RESOURCE },
  { "resources/subscribe", ABOUT_RESOURCE },
  { "resources/unsubscribe", ABOUT_RESOURCE },
  { "completion/complete", ABOUT_REFERENCE },
  { "subscriptions/listen", ABOUT_SUBSCRIPTIONS },
};

static const char *const using_methods[] = {
  [BFY_POLICY_METHOD] = "",
  [BFY_POLICY_TOOL] = "tools/call",
  [BFY_POLICY_PROMPT] = "prompts/get",
  [BFY_POLICY_RESOURCE] = "resources/read",
};

static BfyPolicyVerdict
pass (GPtrArray *steps)
{
  BfyPolicyVerdict verdict = { .effect = BFY_POLICY_ALLOW, .reason = BFY_POLICY_BY_PROTOCOL };

  bfy_policy_trace_end (steps, &verdict);

  return verdict;
}

static guint
n_rules (const BfyPolicy *self)
{
  return self != NULL ? self->rules->len : 0;
}

static const BfyPolicyRule *
rule_at (const BfyPolicy *self, guint index)
{
  return &g_array_index (self->rules, BfyPolicyRule, index);
}

static BfyPolicyEffect
fallback_of (const BfyPolicy *self)
{
  return self != NULL ? self->fallback : BFY_POLICY_ALLOW;
}

static gboolean
can_refuse (const BfyPolicy *self)
{
  if (fallback_of (self) != BFY_POLICY_ALLOW)
    return TRUE;
  for (guint i = 0; i < n_rules (self); i++)
    if (rule_at (self, i)->effect != BFY_POLICY_ALLOW)
      return TRUE;

  return FALSE;
}

BfyPolicyVerdict
bfy_policy_unclear (const BfyPolicy *self, GPtrArray *steps)
{
  BfyPolicyVerdict verdict = { .effect = can_refuse (self) ? BFY_POLICY_DENY : BFY_POLICY_ALLOW,
                               .reason = BFY_POLICY_UNCLEAR,
                               .access = BFY_ACCESS_DANGER };

  bfy_policy_trace_end (steps, &verdict);

  return verdict;
}

BfyPolicyVerdict
bfy_policy_decide_subject (const BfyPolicy *self, BfyPolicySubject *subject, GPtrArray *steps)
{
  BfyPolicyVerdict verdict = { .effect = fallback_of (self), .reason = BFY_POLICY_BY_DEFAULT };
  g_auto (BfyPolicyPlaces) places;

  places.known = 0; /* the rest is large, and read when it is asked for */
  subject->places = steps == NULL ? &places : NULL;
  bfy_policy_subject_classify (subject);
  verdict.access = subject->access;
  verdict.capability = subject->capability;
  for (guint i = 0; i < n_rules (self); i++)
    {
      const BfyPolicyRule *rule = rule_at (self, i);
      const BfyPolicyArgument *argument = NULL;
      BfyMiss miss = bfy_policy_rule_miss (rule, subject, &argument);

      if (steps != NULL)
        bfy_policy_trace_rule (steps, i, rule, subject, miss, argument);
      if (miss == BFY_MISS_NONE)
        {
          verdict.effect = rule->effect;
          verdict.reason = BFY_POLICY_BY_RULE;
          verdict.rule = i + 1;
          verdict.rule_name = rule->name;
          break;
        }
    }
  bfy_policy_trace_end (steps, &verdict);
  subject->places = NULL;

  return verdict;
}

/* Fills in what a subject of MCP is, and decides. */
static BfyPolicyVerdict
decide (const BfyPolicy *self, BfyPolicySubject *subject, GPtrArray *steps)
{
  g_auto (BfyFold) method = { .heap = NULL };
  g_auto (BfyFold) name = { .heap = NULL };

  if (subject->kind == BFY_POLICY_METHOD)
    subject->name = subject->method;
  if (subject->name == NULL || *subject->name == '\0' ||
      strlen (subject->name) > BFY_POLICY_NAME_BYTES_MAX ||
      strlen (subject->method) > BFY_POLICY_NAME_BYTES_MAX)
    return bfy_policy_unclear (self, steps);

  subject->folded_method = bfy_fold (&method, subject->method);
  subject->folded_name = bfy_fold (&name, subject->name);

  return bfy_policy_decide_subject (self, subject, steps);
}

BfyPolicyVerdict
bfy_policy_decide (const BfyPolicy *self,
                   const char *method,
                   BfyPolicyKind kind,
                   const char *name,
                   const BfyPolicyFacts *facts)
{
  BfyPolicySubject subject = { .kind = kind, .method = method, .name = name, .facts = facts };

  return decide (self, &subject, NULL);
}

/* NULL for one that is not known. */
static const Method *
find_method (const char *name, gboolean *is_exact)
{
  g_auto (BfyFold) fold = { .heap = NULL };
  const char *folded;

  *is_exact = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (strcmp (methods[i].name, name) == 0)
      return &methods[i];

  *is_exact = FALSE;
  folded = bfy_fold (&fold, name);
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_ascii_strcasecmp (methods[i].name, folded) == 0)
      return &methods[i];

  return NULL;
}

static About
about_what (const char *method, gboolean *is_exact)
{
  const Method *known = find_method (method, is_exact);

  if (known != NULL)
    return known->about;
  *is_exact = TRUE;

  return g_str_has_prefix (method, "notifications/") ? ABOUT_PROTOCOL : ABOUT_ITSELF;
}

/* Several things in one request: the strictest counts. */
static void
add_verdict (BfyPolicyVerdict *all, BfyPolicyVerdict verdict)
{
  if (verdict.effect >= all->effect)
    *all = verdict;
}

/* A server looks at one of the two, by a type that may be anything. */
static BfyPolicyVerdict
check_reference (const BfyPolicy *self,
                 BfyPolicySubject *subject,
                 const BfyRpcMessage *message,
                 GPtrArray *steps)
{
  BfyPolicyVerdict all = { .effect = BFY_POLICY_ALLOW, .reason = BFY_POLICY_BY_PROTOCOL };

  if (message->name != NULL || message->uri == NULL)
    {
      subject->kind = BFY_POLICY_PROMPT;
      subject->name = message->name;
      add_verdict (&all, decide (self, subject, steps));
    }
  if (message->uri != NULL)
    {
      subject->kind = BFY_POLICY_RESOURCE;
      subject->name = message->uri;
      add_verdict (&all, decide (self, subject, steps));
    }

  return all;
}

static BfyPolicyVerdict
check_subscriptions (const BfyPolicy *self,
                     BfyPolicySubject *subject,
                     const GStrv uris,
                     GPtrArray *steps)
{
  BfyPolicyVerdict all;

  if (uris == NULL || uris[0] == NULL)
    return pass (steps);
  all = (BfyPolicyVerdict){ .effect = BFY_POLICY_ALLOW, .reason = BFY_POLICY_BY_PROTOCOL };
  subject->kind = BFY_POLICY_RESOURCE;
  for (guint i = 0; uris[i] != NULL && all.effect != BFY_POLICY_DENY; i++)
    {
      subject->name = uris[i];
      add_verdict (&all, decide (self, subject, steps));
    }

  return all;
}

BfyPolicyVerdict
bfy_policy_check_message (const BfyPolicy *self,
                          const BfyRpcMessage *message,
                          const BfyPolicyFacts *facts,
                          GPtrArray *steps)
{
  BfyPolicySubject subject = { .method = message->method, .name = message->name, .facts = facts };
  gboolean is_exact;
  About about;

  if (message->http != NULL)
    return bfy_policy_check_request (self, message->http, facts, steps);
  if (message->method == NULL) /* a response to a request of the server */
    return pass (steps);
  about = about_what (message->method, &is_exact);
  if (!is_exact)
    return bfy_policy_unclear (self, steps);
  if (message->arguments.start != NULL)
    subject.arguments = &message->arguments;

  switch (about)
    {
    case ABOUT_PROTOCOL:
      return pass (steps);
    case ABOUT_TOOL:
      subject.kind = BFY_POLICY_TOOL;
      break;
    case ABOUT_PROMPT:
      subject.kind = BFY_POLICY_PROMPT;
      break;
    case ABOUT_RESOURCE:
      subject.kind = BFY_POLICY_RESOURCE;
      subject.name = message->uri;
      break;
    case ABOUT_REFERENCE:
      return check_reference (self, &subject, message, steps);
    case ABOUT_SUBSCRIPTIONS:
      return check_subscriptions (self, &subject, message->subscriptions, steps);
    case ABOUT_ITSELF:
      subject.kind = BFY_POLICY_METHOD;
      break;
    }

  return decide (self, &subject, steps);
}

BfyPolicyVerdict
bfy_policy_check (const BfyPolicy *self, const BfyRpcMessage *message, const BfyPolicyFacts *facts)
{
  return bfy_policy_check_message (self, message, facts, NULL);
}

gboolean
bfy_policy_looks_at_arguments (const BfyPolicy *self)
{
  return self != NULL && self->has_arguments;
}

gboolean
bfy_policy_shows (const BfyPolicy *self,
                  BfyPolicyKind kind,
                  const char *name,
                  const BfyPolicyFacts *facts)
{
  BfyPolicySubject subject = {
    .kind = kind, .method = using_methods[kind], .name = name, .facts = facts, .is_listed = TRUE
  };

  return decide (self, &subject, NULL).effect != BFY_POLICY_DENY;
}

/* By kind alone: a tool may be of any class, everything else in a list is read. */
static gboolean
may_hide (const BfyPolicyRule *rule, BfyPolicyKind kind)
{
  BfyPolicySubject subject = { .kind = kind,
                               .method = using_methods[kind],
                               .folded_method = using_methods[kind] };
  const BfyPolicyArgument *argument;

  if (rule->effect != BFY_POLICY_DENY || rule->arguments != NULL)
    return FALSE;
  if (rule->kind == BFY_POLICY_METHOD)
    return bfy_policy_rule_miss (rule, &subject, &argument) == BFY_MISS_NONE;
  if (rule->kind == BFY_POLICY_ACCESS)
    return kind == BFY_POLICY_TOOL || (rule->mask & (1u << BFY_ACCESS_READ)) != 0;
  if (rule->kind == BFY_POLICY_CAPABILITY)
    return kind == BFY_POLICY_TOOL;

  return rule->kind == kind;
}

/* The order of the rules is not looked at: a list is then filtered in vain, and stays as it is. */
gboolean
bfy_policy_hides (const BfyPolicy *self, BfyPolicyKind kind, const BfyPolicyFacts *facts)
{
  if (fallback_of (self) == BFY_POLICY_DENY)
    return TRUE;
  for (guint i = 0; i < n_rules (self); i++)
    if (may_hide (rule_at (self, i), kind))
      return TRUE;

  return FALSE;
}
