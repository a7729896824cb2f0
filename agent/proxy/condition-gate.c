/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/condition-gate.h"

#include "agent/proxy/refusal.h"
#include "protocol/policy.h"

static gboolean
is_use (const BfyRpcMessage *message)
{
  return bfy_policy_check (NULL, message, NULL).reason != BFY_POLICY_BY_PROTOCOL;
}

static gboolean
fits (const BfyConstraints *constraints, const BfyRpcMessage *message)
{
  return !is_use (message) || (g_str_equal (message->method, "tools/call") &&
                               bfy_constraints_allow_tool (constraints, message->name));
}

static gboolean
refuse (BfyAgent *agent,
        BfyRequest *request,
        BfyBinding *binding,
        const BfyRpc *rpc,
        const GError *error)
{
  const BfyRpcMessage *message = bfy_rpc_message (rpc, 0);
  BfyErrorCode code = bfy_error_code (error);
  BfyEvent *event = bfy_agent_new_event ("proxy_request", binding, request);

  event->method = g_strdup (message->method);
  event->tool = g_strdup (message->name != NULL ? message->name : message->uri);
  event->category = g_strdup (bfy_error_to_wire (code));
  event->detail = g_strdup ("limit of the credential");
  event->outcome = BFY_OUTCOME_BLOCKED;
  bfy_store_append_event (agent->store, event, TRUE);
  if (bfy_rpc_is_batch (rpc))
    bfy_refuse_each (request, rpc, code, error->message);
  else
    bfy_refuse (request, rpc, code, error->message);

  return FALSE;
}

/* What the agent makes of a request to reach a server of another era is no use of its own. */
static guint
count_uses (BfyRequest *request, const BfyConstraints *constraints, const BfyRpc *rpc)
{
  guint n_uses = 0;

  if (constraints->uses_max == 0 || bfy_request_is_direct (request))
    return 0;
  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    if (is_use (bfy_rpc_message (rpc, i)))
      n_uses++;

  return n_uses;
}

static gboolean
check_tools (const BfyBinding *binding, const BfyRpc *rpc, GError **error)
{
  for (guint i = 0; binding->constraints->tools != NULL && i < bfy_rpc_n_messages (rpc); i++)
    {
      if (fits (binding->constraints, bfy_rpc_message (rpc, i)))
        continue;
      g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                   "“%s” is limited to certain tools, and this is none of them; bindify show %s "
                   "names them",
                   binding->name, binding->name);
      return FALSE;
    }

  return TRUE;
}

/* That no uses are left is better said before a person is asked. */
gboolean
bfy_condition_gate_admit (BfyAgent *agent,
                          BfyRequest *request,
                          BfyBinding *binding,
                          const BfyRpc *rpc)
{
  const BfyConstraints *constraints = binding->constraints;
  g_autoptr (GError) error = NULL;

  if (constraints == NULL || rpc == NULL ||
      (check_tools (binding, rpc, &error) &&
       bfy_registry_check_uses (agent->registry, binding->id,
                                count_uses (request, constraints, rpc), &error)))
    return TRUE;

  return refuse (agent, request, binding, rpc, error);
}

gboolean
bfy_condition_gate_use (BfyAgent *agent,
                        BfyRequest *request,
                        BfyBinding *binding,
                        const BfyRpc *rpc)
{
  const BfyConstraints *constraints = binding->constraints;
  g_autoptr (GError) error = NULL;

  if (constraints == NULL || rpc == NULL ||
      bfy_registry_count_uses (agent->registry, binding->id, count_uses (request, constraints, rpc),
                               &error))
    return TRUE;

  return refuse (agent, request, binding, rpc, error);
}

gboolean
bfy_condition_gate_fits (const BfyBinding *binding, BfyRequest *request, const char *url)
{
  const BfyConstraints *constraints = binding->constraints;
  BfyClient *client = bfy_request_get_client (request);

  if (url != NULL && !bfy_constraints_allow_url (constraints, url))
    return FALSE;

  return bfy_request_is_agents_own (request) ||
         bfy_constraints_allow_client (constraints, client != NULL ? client->id : NULL);
}
