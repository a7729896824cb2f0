/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/checks.h"

#include "agent/guard/entrance.h"
#include "agent/lock/lock.h"
#include "agent/proxy/condition-gate.h"
#include "agent/proxy/policy-gate.h"
#include "agent/proxy/quota-gate.h"
#include "agent/proxy/refusal.h"
#include "agent/toolbox/toolbox.h"

gboolean
bfy_checks_thawed (BfyAgent *agent,
                   BfyRequest *request,
                   const BfyRpc *rpc,
                   const BfyBinding *binding)
{
  g_autoptr (GError) error = NULL;
  BfyEvent *event;

  if (bfy_lock_check_thawed (agent->lock, &error))
    return TRUE;

  if (rpc != NULL && bfy_rpc_is_batch (rpc))
    bfy_refuse_each (request, rpc, BFY_ERROR_FROZEN, error->message);
  else
    bfy_refuse (request, rpc, BFY_ERROR_FROZEN, error->message);
  event = bfy_agent_new_event ("proxy_request", binding, request);
  event->category = g_strdup (bfy_error_to_wire (BFY_ERROR_FROZEN));
  event->outcome = BFY_OUTCOME_BLOCKED;
  bfy_store_append_event (agent->store, event, TRUE);

  return FALSE;
}

gboolean
bfy_checks_state (BfyAgent *agent,
                  BfyRequest *request,
                  const BfyRpc *rpc,
                  const BfyBinding *binding)
{
  g_autofree char *text = NULL;
  BfyEvent *event;

  if (binding->state != BFY_STATE_PAUSED)
    return TRUE;

  text = bfy_refusal_format_paused (binding);
  bfy_refuse (request, rpc, BFY_ERROR_PAUSED, text);
  event = bfy_agent_new_event ("proxy_request", binding, request);
  event->category = g_strdup (bfy_error_to_wire (BFY_ERROR_PAUSED));
  event->outcome = BFY_OUTCOME_BLOCKED;
  if (rpc != NULL && !bfy_rpc_is_batch (rpc))
    event->method = g_strdup (bfy_rpc_message (rpc, 0)->method);
  bfy_store_append_event (agent->store, event, TRUE);
  bfy_quota_gate_note_refused (agent, request, binding, rpc);

  return FALSE;
}

gboolean
bfy_checks_content (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, const BfyRpc *rpc)
{
  BfyPolicyGate gate = bfy_entrance_admit (agent, request, binding, rpc) &&
                               bfy_condition_gate_admit (agent, request, binding, rpc)
                           ? bfy_policy_gate_admit (agent, request, binding, rpc)
                           : BFY_POLICY_GATE_ANSWERED;

  if (gate == BFY_POLICY_GATE_PASSES && !bfy_condition_gate_use (agent, request, binding, rpc))
    gate = BFY_POLICY_GATE_ANSWERED;
  switch (gate)
    {
    case BFY_POLICY_GATE_PASSES:
      return TRUE;
    case BFY_POLICY_GATE_ANSWERED:
      bfy_quota_gate_withdraw (request);
      break;
    case BFY_POLICY_GATE_WAITS:
      bfy_quota_gate_postpone (request);
      break;
    }

  return FALSE;
}

gboolean
bfy_checks_door (BfyRequest *request, const BfyRpc *rpc, const BfyBinding *binding)
{
  gboolean is_http = bfy_request_get_route (request)->kind == BFY_ROUTE_HTTP;
  gboolean has_toolbox = bfy_toolbox_find (binding) != NULL;
  g_autofree char *text = NULL;

  if (is_http == bfy_binding_is_rest (binding) || (!is_http && has_toolbox))
    return TRUE;

  if (is_http && has_toolbox)
    text = g_strdup_printf ("“%s” has methods, not paths: bindify methods %s lists them",
                            binding->name, binding->name);
  else if (is_http)
    text = g_strdup_printf ("“%s” is an MCP server: its address is /mcp/%s", binding->name,
                            binding->name);
  else
    text =
        g_strdup_printf ("“%s” is a REST service: its address is /http/%s/…, and bindify http %s "
                         "get / sends a request",
                         binding->name, binding->name, binding->name);
  bfy_refuse (request, rpc, BFY_ERROR_UNSUPPORTED, text);

  return FALSE;
}
