/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/http/http.h"

#include "agent/gate.h"
#include "agent/http/asked.h"
#include "agent/policy/hints.h"
#include "agent/proxy/checks.h"
#include "agent/proxy/exchange.h"
#include "agent/proxy/quota-gate.h"
#include "agent/proxy/refusal.h"
#include "agent/uses.h"
#include "protocol/policy.h"

gboolean
bfy_http_needs_body (BfyAgent *agent, BfyRequest *request, const BfyBinding *binding)
{
  g_autoptr (BfyRpc) rpc = bfy_asked_read (request, NULL);
  BfyPolicyFacts facts;

  if (rpc == NULL || binding->confirms || bfy_injection_takes_body (binding->injection) ||
      bfy_policy_looks_at_arguments (binding->policy))
    return TRUE;
  if (binding->policy == NULL)
    return FALSE;
  facts = bfy_hints_facts (agent, binding);

  return bfy_policy_check (binding->policy, bfy_rpc_message (rpc, 0), &facts).effect ==
         BFY_POLICY_ASK;
}

void
bfy_http_serve (BfyAgent *agent, BfyRequest *request)
{
  BfyBinding *binding = bfy_gate_find_binding (agent, request);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyRpc) rpc = bfy_asked_read (request, &error);

  if (binding == NULL)
    {
      bfy_refuse (request, rpc, BFY_ERROR_NOT_FOUND, BFY_CHECKS_NOT_FOUND_TEXT);
      return;
    }
  if (!bfy_checks_thawed (agent, request, rpc, binding))
    return;
  if (rpc == NULL)
    {
      bfy_refuse (request, NULL, bfy_error_code (error), error->message);
      return;
    }
  if (!bfy_checks_door (request, rpc, binding) ||
      !bfy_checks_state (agent, request, rpc, binding) ||
      !bfy_quota_gate_admit (agent, request, binding, rpc) ||
      !bfy_checks_content (agent, request, binding, rpc))
    return;

  bfy_uses_note (agent->uses, request, binding, rpc);
  bfy_exchange_begin (agent, request, binding, g_steal_pointer (&rpc));
}
