/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/policy-gate.h"

#include "agent/proxy/refusal.h"

static void
record (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, const BfyRpcMessage *message)
{
  BfyEvent *event = bfy_agent_new_event ("proxy_request", binding, request);

  event->method = g_strdup (message->method);
  event->tool = g_strdup (message->name != NULL ? message->name : message->uri);
  event->category = g_strdup (bfy_error_to_wire (BFY_ERROR_DENIED));
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

/* Each request of an array gets its error, so that nobody waits for the others. */
static void
refuse_each (BfyRequest *request, const BfyRpc *rpc, const char *text)
{
  g_autoptr (GString) body = g_string_new (NULL);

  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    {
      const BfyRpcMessage *message = bfy_rpc_message (rpc, i);
      g_autofree char *answer = NULL;

      if (message->kind != BFY_RPC_REQUEST)
        continue;
      answer = bfy_rpc_format_error (message->id, BFY_ERROR_DENIED, text);
      g_string_append_printf (body, "%s%s", body->len == 0 ? "[" : ",", answer);
    }
  if (body->len == 0)
    {
      bfy_request_reply_empty (request, 202);
      return;
    }
  g_string_append_c (body, ']');
  bfy_request_reply (request, 200, "application/json", body->str, (gssize) body->len);
}

gboolean
bfy_policy_gate_admit (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, const BfyRpc *rpc)
{
  const BfyPolicy *policy = binding->policy;
  g_autofree char *text = NULL;
  guint n_denied = 0;

  for (guint i = 0; policy != NULL && rpc != NULL && i < bfy_rpc_n_messages (rpc); i++)
    {
      const BfyRpcMessage *message = bfy_rpc_message (rpc, i);

      if (bfy_policy_check (policy, message).effect == BFY_POLICY_ALLOW)
        continue;
      record (agent, request, binding, message);
      n_denied++;
    }
  if (n_denied == 0)
    return TRUE;

  text = explain (binding);
  if (bfy_rpc_is_batch (rpc))
    refuse_each (request, rpc, text);
  else
    bfy_refuse (request, rpc, BFY_ERROR_DENIED, text);

  return FALSE;
}
