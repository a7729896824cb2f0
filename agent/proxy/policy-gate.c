/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/policy-gate.h"

#include "agent/policy/hints.h"
#include "agent/proxy/approval-gate.h"
#include "agent/proxy/policy-gate-private.h"
#include "agent/proxy/refusal.h"

/* What decided, for the person who reads the log. */
static char *
describe (const BfyPolicyVerdict *verdict)
{
  const char *prefix = verdict->effect == BFY_POLICY_DENY ? "" : "asked for: ";
  g_autoptr (GString) text = g_string_new (prefix);

  if (verdict->effect == BFY_POLICY_ALLOW)
    g_string_append (text, "each use is to be confirmed");
  else if (verdict->reason == BFY_POLICY_BY_RULE)
    g_string_append_printf (text, "rule %u of the policy", verdict->rule);
  else
    g_string_append (text, verdict->reason == BFY_POLICY_BY_DEFAULT ? "default of the policy"
                                                                    : "unclear to the policy");
  if (verdict->capability != NULL)
    g_string_append_printf (text, ", %s", verdict->capability->id);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
bfy_policy_gate_record (BfyAgent *agent,
                        BfyRequest *request,
                        BfyBinding *binding,
                        const BfyPolicyJudged *judged,
                        BfyErrorCode code)
{
  const BfyRpcMessage *message = judged->message;
  BfyEvent *event = bfy_agent_new_event ("proxy_request", binding, request);

  event->method = g_strdup (message->method);
  event->tool = g_strdup (message->name != NULL ? message->name : message->uri);
  event->category = g_strdup (bfy_error_to_wire (code));
  event->detail = describe (&judged->verdict);
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

void
bfy_policy_gate_refuse (BfyRequest *request, const BfyRpc *rpc, BfyErrorCode code, const char *text)
{
  if (bfy_rpc_is_batch (rpc))
    bfy_refuse_each (request, rpc, code, text);
  else
    bfy_refuse (request, rpc, code, text);
}

/* The message that is permitted least, the first of several; none when all of it may pass. */
static void
find_strictest (BfyAgent *agent,
                const BfyBinding *binding,
                const BfyRpc *rpc,
                BfyPolicyJudged *strictest)
{
  BfyPolicyFacts facts = bfy_hints_facts (agent, binding);

  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    {
      const BfyRpcMessage *message = bfy_rpc_message (rpc, i);
      BfyPolicyVerdict verdict = bfy_policy_check (binding->policy, message, &facts);

      if (verdict.effect <= strictest->verdict.effect)
        continue;
      *strictest = (BfyPolicyJudged){ message, verdict };
    }
}

BfyPolicyGate
bfy_policy_gate_admit (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, const BfyRpc *rpc)
{
  BfyPolicyJudged strictest = { .verdict = { .effect = BFY_POLICY_ALLOW } };
  g_autofree char *text = NULL;

  if (binding->policy != NULL && rpc != NULL)
    find_strictest (agent, binding, rpc, &strictest);
  if (strictest.verdict.effect == BFY_POLICY_DENY)
    {
      text = explain_denied (binding, &strictest.verdict);
      bfy_policy_gate_record (agent, request, binding, &strictest, BFY_ERROR_DENIED);
      bfy_policy_gate_refuse (request, rpc, BFY_ERROR_DENIED, text);
      return BFY_POLICY_GATE_ANSWERED;
    }
  if (strictest.verdict.effect == BFY_POLICY_ASK || (binding->confirms && rpc != NULL))
    return bfy_approval_gate_admit (agent, request, binding, rpc);

  return BFY_POLICY_GATE_PASSES;
}
