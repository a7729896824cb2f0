/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The way to a verdict, in words. What comes out of a request is shown as one harmless line; values
 * of arguments are not shown at all. */

#include "protocol/name.h"
#include "protocol/policy-private.h"

#define SHOWN_CHARACTERS_MAX 80

static const char *const kind_words[] = {
  [BFY_POLICY_METHOD] = "methods",          [BFY_POLICY_TOOL] = "tools",
  [BFY_POLICY_PROMPT] = "prompts",          [BFY_POLICY_RESOURCE] = "resources",
  [BFY_POLICY_HTTP] = "HTTP requests",      [BFY_POLICY_GRAPHQL] = "GraphQL operations",
  [BFY_POLICY_CAPABILITY] = "capabilities", [BFY_POLICY_ACCESS] = "access",
};

void
bfy_policy_step_free (BfyPolicyStep *step)
{
  if (step == NULL)
    return;

  g_free (step->text);
  g_free (step);
}

static void
add_step (GPtrArray *steps, guint rule, gboolean fits, char *text)
{
  BfyPolicyStep *step = g_new0 (BfyPolicyStep, 1);

  step->rule = rule;
  step->fits = fits;
  step->text = text;
  g_ptr_array_add (steps, step);
}

static const char *
find_graphql_words (BfyGraphql operations)
{
  static const char *const words[] = { "no GraphQL",
                                       "a query",
                                       "a mutation",
                                       "a query and a mutation",
                                       "a subscription",
                                       "a query and a subscription",
                                       "a mutation and a subscription",
                                       "a query, a mutation and a subscription" };

  return (operations & BFY_GRAPHQL_UNREAD) != 0 ? "GraphQL that cannot be read"
                                                : words[operations & 7];
}

/* What the request is, as far as a rule of this kind looks at it. */
static char *
describe_subject (BfyPolicyKind kind, const BfyPolicySubject *subject)
{
  const char *name = kind == BFY_POLICY_METHOD ? subject->method : subject->name;
  g_autofree char *shown = bfy_text_to_line (name, SHOWN_CHARACTERS_MAX);

  switch (kind)
    {
    case BFY_POLICY_ACCESS:
      return g_strdup_printf ("this is a “%s”", bfy_access_to_wire (subject->access));
    case BFY_POLICY_CAPABILITY:
      return subject->capability != NULL
                 ? g_strdup_printf ("this is “%s” (%s)", subject->capability->id,
                                    subject->capability->name)
                 : g_strdup ("the catalogue has no capability for this");
    case BFY_POLICY_GRAPHQL:
      return g_strdup_printf ("this is %s", find_graphql_words (subject->graphql.operations));
    case BFY_POLICY_HTTP:
      return g_strdup_printf ("this is “%s %s”", subject->method, shown);
    case BFY_POLICY_METHOD:
    case BFY_POLICY_TOOL:
    case BFY_POLICY_PROMPT:
    case BFY_POLICY_RESOURCE:
    case BFY_N_POLICY_KINDS:
      break;
    }

  return g_strdup_printf ("this is “%s”", shown);
}

static char *
describe_rule (const BfyPolicyRule *rule)
{
  g_autofree char *words = g_strjoinv (", ", rule->words);
  g_autofree char *shown = bfy_text_to_line (words, SHOWN_CHARACTERS_MAX);

  return g_strdup_printf ("%s “%s”", kind_words[rule->kind], shown);
}

static char *
describe_argument (const BfyPolicyArgument *argument, const BfyPolicySubject *subject)
{
  BfyFit fit = bfy_policy_argument_fits (argument, subject->arguments, NULL);
  g_autofree char *pointer = bfy_text_to_line (argument->pointer, SHOWN_CHARACTERS_MAX);

  return g_strdup_printf (fit == BFY_FIT_NO
                              ? "the argument “%s” is another"
                              : "the argument “%s” is missing, or servers may read it differently",
                          pointer);
}

void
bfy_policy_trace_rule (GPtrArray *steps,
                       guint index,
                       const BfyPolicyRule *rule,
                       const BfyPolicySubject *subject,
                       BfyMiss miss,
                       const BfyPolicyArgument *argument)
{
  g_autofree char *about = describe_rule (rule);
  g_autofree char *this_is =
      describe_subject (rule->kind == BFY_POLICY_TOOL || rule->kind == BFY_POLICY_PROMPT ||
                                rule->kind == BFY_POLICY_RESOURCE
                            ? subject->kind
                            : rule->kind,
                        subject);
  g_autofree char *why = NULL;
  char *text = NULL;

  switch (miss)
    {
    case BFY_MISS_NONE:
      text = g_strdup_printf ("fits: it speaks of the %s, and %s", about, this_is);
      break;
    case BFY_MISS_KIND:
      text = g_strdup_printf ("does not fit: it speaks of the %s, and this is not about %s", about,
                              kind_words[rule->kind]);
      break;
    case BFY_MISS_NAME:
      text = g_strdup_printf ("does not fit: it speaks of the %s, and %s", about, this_is);
      break;
    case BFY_MISS_ARGUMENT:
      why = describe_argument (argument, subject);
      text = g_strdup_printf ("does not fit: it speaks of the %s, but %s", about, why);
      break;
    case BFY_MISS_LISTED:
      text = g_strdup ("does not hide anything: it speaks of some arguments only");
      break;
    }
  add_step (steps, index + 1, miss == BFY_MISS_NONE, text);
}

void
bfy_policy_trace_end (GPtrArray *steps, const BfyPolicyVerdict *verdict)
{
  const char *effect = bfy_policy_effect_to_wire (verdict->effect);

  if (steps == NULL)
    return;

  switch (verdict->reason)
    {
    case BFY_POLICY_BY_RULE:
      add_step (steps, 0, TRUE, g_strdup_printf ("rule %u decides: %s", verdict->rule, effect));
      break;
    case BFY_POLICY_BY_DEFAULT:
      add_step (steps, 0, TRUE,
                g_strdup_printf ("no rule fits, so the default decides: %s", effect));
      break;
    case BFY_POLICY_BY_PROTOCOL:
      add_step (steps, 0, TRUE, g_strdup ("every client needs it, so it always passes"));
      break;
    case BFY_POLICY_UNCLEAR:
      add_step (steps, 0, TRUE,
                g_strdup_printf ("it does not say clearly what it is about, or in a way that "
                                 "servers may read differently: %s",
                                 effect));
      break;
    }
}

static GPtrArray *
steps_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_policy_step_free);
}

GPtrArray *
bfy_policy_trace (const BfyPolicy *self,
                  const BfyRpcMessage *message,
                  const BfyPolicyFacts *facts,
                  BfyPolicyVerdict *verdict)
{
  GPtrArray *steps = steps_new ();

  *verdict = bfy_policy_check_message (self, message, facts, steps);

  return steps;
}

GPtrArray *
bfy_policy_trace_http (const BfyPolicy *self,
                       const BfyHttpMessage *request,
                       const BfyPolicyFacts *facts,
                       BfyPolicyVerdict *verdict)
{
  GPtrArray *steps = steps_new ();

  *verdict = bfy_policy_check_request (self, request, facts, steps);

  return steps;
}
