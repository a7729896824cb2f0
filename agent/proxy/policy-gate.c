/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/policy-gate.h"

#include "agent/proxy/refusal.h"

/* What decided, for the person who reads the log. */
static char *
describe (const BfyPolicyVerdict *verdict)
{
  return verdict->reason == BFY_POLICY_BY_RULE
             ? g_strdup_printf ("rule %u of the policy", verdict->rule)
             : g_strdup (verdict->reason == BFY_POLICY_BY_DEFAULT ? "default of the policy"
                                                                  : "unclear to the policy");
}

static void
record (BfyAgent *agent,
        BfyRequest *request,
        BfyBinding *binding,
        const BfyRpcMessage *message,
        const BfyPolicyVerdict *verdict)
{
  BfyEvent *event = bfy_agent_new_event ("proxy_request", binding, request);

  event->method = g_strdup (message->method);
  event->tool = g_strdup (message->name != NULL ? message->name : message->uri);
  event->category = g_strdup (bfy_error_to_wire (BFY_ERROR_DENIED));
  event->detail = describe (verdict);
  event->outcome = BFY_OUTCOME_BLOCKED;
  bfy_store_append_event (agent->store, event, TRUE);
}

/* Names nothing but the binding: what was asked for may itself say too much. */
static char *
explain (const BfyBinding *binding)
{
  return g_strdup_printf ("The policy of “%s” does not permit this; bindify policy show %s says "
                          "what it permits",
                          binding->name, binding->name);
}

/* NULL when all of it may pass. */
static const BfyRpcMessage *
find_denied (const BfyPolicy *policy, const BfyRpc *rpc, BfyPolicyVerdict *verdict)
{
  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    {
      *verdict = bfy_policy_check (policy, bfy_rpc_message (rpc, i), NULL);
      if (verdict->effect != BFY_POLICY_ALLOW)
        return bfy_rpc_message (rpc, i);
    }

  return NULL;
}

gboolean
bfy_policy_gate_admit (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, const BfyRpc *rpc)
{
  const BfyRpcMessage *denied = NULL;
  BfyPolicyVerdict verdict;
  g_autofree char *text = NULL;

  if (binding->policy != NULL && rpc != NULL)
    denied = find_denied (binding->policy, rpc, &verdict);
  if (denied == NULL)
    return TRUE;

  record (agent, request, binding, denied, &verdict);
  text = explain (binding);
  if (bfy_rpc_is_batch (rpc))
    bfy_refuse_each (request, rpc, BFY_ERROR_DENIED, text);
  else
    bfy_refuse (request, rpc, BFY_ERROR_DENIED, text);

  return FALSE;
}
