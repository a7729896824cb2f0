/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/policy-gate.h"

#include "agent/policy/hints.h"
#include "agent/proxy/refusal.h"
#include "protocol/name.h"
#include "protocol/policy-hint.h"

#define NAME_SHOWN_MAX 80 /* characters of what a client asked for */

/* What decided, for the person who reads the log. */
static char *
describe (const BfyPolicyVerdict *verdict)
{
  const char *prefix = verdict->effect == BFY_POLICY_ASK ? "asked for: " : "";
  g_autoptr (GString) text = g_string_new (prefix);

  if (verdict->reason == BFY_POLICY_BY_RULE)
    g_string_append_printf (text, "rule %u of the policy", verdict->rule);
  else
    g_string_append (text, verdict->reason == BFY_POLICY_BY_DEFAULT ? "default of the policy"
                                                                    : "unclear to the policy");
  if (verdict->capability != NULL)
    g_string_append_printf (text, ", %s", verdict->capability->id);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
record (BfyAgent *agent,
        BfyRequest *request,
        BfyBinding *binding,
        const BfyRpcMessage *message,
        const BfyPolicyVerdict *verdict,
        BfyErrorCode code)
{
  BfyEvent *event = bfy_agent_new_event ("proxy_request", binding, request);

  event->method = g_strdup (message->method);
  event->tool = g_strdup (message->name != NULL ? message->name : message->uri);
  event->category = g_strdup (bfy_error_to_wire (code));
  event->detail = describe (verdict);
  event->outcome = BFY_OUTCOME_BLOCKED;
  bfy_store_append_event (agent->store, event, TRUE);
}

/* Names what was asked for only as the catalogue does: the words of a client may themselves say too
 * much, and it must not learn what there is. */
static char *
explain_denied (const BfyBinding *binding, const BfyPolicyVerdict *verdict)
{
  if (verdict->capability == NULL)
    return g_strdup_printf ("The policy of “%s” does not permit this; bindify policy show %s says "
                            "what it permits",
                            binding->name, binding->name);

  return g_strdup_printf ("The policy of “%s” does not permit “%s”; bindify policy show %s says "
                          "what it permits",
                          binding->name, verdict->capability->name, binding->name);
}

/* "“Merge pull requests” (merge_pull_request)", "“create_issue”", "“tasks/list”". */
static char *
name_wish (const BfyRpcMessage *message, const BfyPolicyVerdict *verdict)
{
  const char *name = message->name != NULL ? message->name : message->uri;
  g_autofree char *shown = bfy_text_to_line (name != NULL ? name : message->method, NAME_SHOWN_MAX);

  return verdict->capability != NULL
             ? g_strdup_printf ("“%s” (%s)", verdict->capability->name, shown)
             : g_strdup_printf ("“%s”", shown);
}

static char *
explain_asked (const BfyBinding *binding,
               const BfyRpcMessage *message,
               const BfyPolicyVerdict *verdict)
{
  g_autofree char *wish = name_wish (message, verdict);
  g_autofree char *hint = bfy_policy_hint_for_message (binding->name, message);

  if (hint == NULL)
    hint = g_strdup_printf ("bindify policy show %s shows the policy to change", binding->name);
  else
    {
      char *permits = g_strconcat (hint, " permits it", NULL);

      g_free (hint);
      hint = permits;
    }

  return g_strdup_printf ("“%s” wants a person to be asked before %s, and nobody can be asked; %s",
                          binding->name, wish, hint);
}

static void
refuse (BfyRequest *request, const BfyRpc *rpc, BfyErrorCode code, const char *text)
{
  if (bfy_rpc_is_batch (rpc))
    bfy_refuse_each (request, rpc, code, text);
  else
    bfy_refuse (request, rpc, code, text);
}

/* The message that is permitted least, the first of several; NULL when all of it may pass. */
static const BfyRpcMessage *
find_strictest (BfyAgent *agent,
                const BfyBinding *binding,
                const BfyRpc *rpc,
                BfyPolicyVerdict *strictest)
{
  BfyPolicyFacts facts = bfy_hints_facts (agent, binding);
  const BfyRpcMessage *found = NULL;

  strictest->effect = BFY_POLICY_ALLOW;
  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    {
      const BfyRpcMessage *message = bfy_rpc_message (rpc, i);
      BfyPolicyVerdict verdict = bfy_policy_check (binding->policy, message, &facts);

      if (verdict.effect <= strictest->effect)
        continue;
      *strictest = verdict;
      found = message;
    }

  return found;
}

gboolean
bfy_policy_gate_ask (BfyAgent *agent,
                     BfyRequest *request,
                     BfyBinding *binding,
                     const BfyRpc *rpc,
                     const BfyRpcMessage *message,
                     const BfyPolicyVerdict *verdict)
{
  g_autofree char *text = explain_asked (binding, message, verdict);

  record (agent, request, binding, message, verdict, BFY_ERROR_APPROVAL_UNAVAILABLE);
  refuse (request, rpc, BFY_ERROR_APPROVAL_UNAVAILABLE, text);

  return FALSE;
}

gboolean
bfy_policy_gate_admit (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, const BfyRpc *rpc)
{
  const BfyRpcMessage *message = NULL;
  BfyPolicyVerdict verdict;
  g_autofree char *text = NULL;

  if (binding->policy != NULL && rpc != NULL)
    message = find_strictest (agent, binding, rpc, &verdict);
  if (message == NULL)
    return TRUE;
  if (verdict.effect == BFY_POLICY_ASK)
    return bfy_policy_gate_ask (agent, request, binding, rpc, message, &verdict);

  text = explain_denied (binding, &verdict);
  record (agent, request, binding, message, &verdict, BFY_ERROR_DENIED);
  refuse (request, rpc, BFY_ERROR_DENIED, text);

  return FALSE;
}
