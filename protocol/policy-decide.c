/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a policy says about a message. The methods of MCP are known here with what they are about; a
 * method that is not known is decided by its name alone, and one that differs from a known one only
 * by case is unclear, because a server may take it for that. */

#include "protocol/glob.h"
#include "protocol/policy-private.h"

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

static const BfyPolicyVerdict passes = { .effect = BFY_POLICY_ALLOW,
                                         .reason = BFY_POLICY_BY_PROTOCOL };

static const BfyPolicyRule *
rule_at (const BfyPolicy *self, guint index)
{
  return &g_array_index (self->rules, BfyPolicyRule, index);
}

/* @folded: @text without regard to case. */
static gboolean
fits (const BfyPolicyRule *rule, const char *text, const char *folded)
{
  gboolean is_loose = rule->effect != BFY_POLICY_ALLOW;
  const char *subject = is_loose ? folded : text;
  const GStrv globs = is_loose ? rule->folded : rule->globs;

  for (guint i = 0; globs[i] != NULL; i++)
    if (bfy_glob_matches (globs[i], subject))
      return TRUE;

  return FALSE;
}

static gboolean
can_refuse (const BfyPolicy *self)
{
  if (self->fallback != BFY_POLICY_ALLOW)
    return TRUE;
  for (guint i = 0; i < self->rules->len; i++)
    if (rule_at (self, i)->effect != BFY_POLICY_ALLOW)
      return TRUE;

  return FALSE;
}

static BfyPolicyVerdict
unclear (const BfyPolicy *self)
{
  return (BfyPolicyVerdict){ .effect = can_refuse (self) ? BFY_POLICY_DENY : BFY_POLICY_ALLOW,
                             .reason = BFY_POLICY_UNCLEAR,
                             .access = BFY_ACCESS_DANGER };
}

BfyPolicyVerdict
bfy_policy_decide (const BfyPolicy *self,
                   const char *method,
                   BfyPolicyKind kind,
                   const char *name,
                   const BfyPolicyFacts *facts)
{
  g_autofree char *folded_method = NULL;
  g_autofree char *folded_name = NULL;

  if (kind == BFY_POLICY_METHOD)
    name = method;
  if (name == NULL || *name == '\0' || strlen (name) > BFY_POLICY_NAME_BYTES_MAX ||
      strlen (method) > BFY_POLICY_NAME_BYTES_MAX)
    return unclear (self);

  folded_method = g_utf8_casefold (method, -1);
  folded_name = g_utf8_casefold (name, -1);
  for (guint i = 0; i < self->rules->len; i++)
    {
      const BfyPolicyRule *rule = rule_at (self, i);
      gboolean by_method = rule->kind == BFY_POLICY_METHOD;

      if (by_method ? fits (rule, method, folded_method)
                    : rule->kind == kind && fits (rule, name, folded_name))
        return (BfyPolicyVerdict){ .effect = rule->effect,
                                   .reason = BFY_POLICY_BY_RULE,
                                   .rule = i + 1 };
    }

  return (BfyPolicyVerdict){ .effect = self->fallback, .reason = BFY_POLICY_BY_DEFAULT };
}

/* NULL for one that is not known. */
static const Method *
find_method (const char *name, gboolean *is_exact)
{
  g_autofree char *folded = NULL;

  *is_exact = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (methods[i].name, name))
      return &methods[i];

  *is_exact = FALSE;
  folded = g_utf8_casefold (name, -1);
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autofree char *known = g_utf8_casefold (methods[i].name, -1);

      if (g_str_equal (known, folded))
        return &methods[i];
    }

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

/* A server looks at one of the two, by a type that may be anything. */
static BfyPolicyVerdict
check_reference (const BfyPolicy *self, const BfyRpcMessage *message, const BfyPolicyFacts *facts)
{
  BfyPolicyVerdict verdict = passes;

  if (message->name != NULL || message->uri == NULL)
    verdict = bfy_policy_decide (self, message->method, BFY_POLICY_PROMPT, message->name, facts);
  if (message->uri != NULL && verdict.effect == BFY_POLICY_ALLOW)
    verdict = bfy_policy_decide (self, message->method, BFY_POLICY_RESOURCE, message->uri, facts);

  return verdict;
}

static BfyPolicyVerdict
check_subscriptions (const BfyPolicy *self,
                     const BfyRpcMessage *message,
                     const BfyPolicyFacts *facts)
{
  const GStrv uris = message->subscriptions;
  BfyPolicyVerdict verdict = passes;

  for (guint i = 0; uris != NULL && uris[i] != NULL && verdict.effect == BFY_POLICY_ALLOW; i++)
    verdict = bfy_policy_decide (self, message->method, BFY_POLICY_RESOURCE, uris[i], facts);

  return verdict;
}

BfyPolicyVerdict
bfy_policy_check (const BfyPolicy *self, const BfyRpcMessage *message, const BfyPolicyFacts *facts)
{
  const char *method = message->method;
  gboolean is_exact;
  About about;

  if (method == NULL) /* a response to a request of the server */
    return passes;
  about = about_what (method, &is_exact);
  if (!is_exact)
    return unclear (self);

  switch (about)
    {
    case ABOUT_PROTOCOL:
      return passes;
    case ABOUT_TOOL:
      return bfy_policy_decide (self, method, BFY_POLICY_TOOL, message->name, facts);
    case ABOUT_PROMPT:
      return bfy_policy_decide (self, method, BFY_POLICY_PROMPT, message->name, facts);
    case ABOUT_RESOURCE:
      return bfy_policy_decide (self, method, BFY_POLICY_RESOURCE, message->uri, facts);
    case ABOUT_REFERENCE:
      return check_reference (self, message, facts);
    case ABOUT_SUBSCRIPTIONS:
      return check_subscriptions (self, message, facts);
    case ABOUT_ITSELF:
      break;
    }

  return bfy_policy_decide (self, method, BFY_POLICY_METHOD, NULL, facts);
}

gboolean
bfy_policy_shows (const BfyPolicy *self,
                  BfyPolicyKind kind,
                  const char *name,
                  const BfyPolicyFacts *facts)
{
  return bfy_policy_decide (self, using_methods[kind], kind, name, facts).effect != BFY_POLICY_DENY;
}

/* The order of the rules is not looked at: a list is then filtered in vain, and stays as it is. */
gboolean
bfy_policy_hides (const BfyPolicy *self, BfyPolicyKind kind, const BfyPolicyFacts *facts)
{
  g_autofree char *method = g_utf8_casefold (using_methods[kind], -1);

  if (self->fallback == BFY_POLICY_DENY)
    return TRUE;
  for (guint i = 0; i < self->rules->len; i++)
    {
      const BfyPolicyRule *rule = rule_at (self, i);

      if (rule->effect == BFY_POLICY_DENY &&
          (rule->kind == kind || (rule->kind == BFY_POLICY_METHOD && fits (rule, method, method))))
        return TRUE;
    }

  return FALSE;
}
