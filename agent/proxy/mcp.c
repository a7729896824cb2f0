/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/mcp.h"

#include "agent/child/serve.h"
#include "agent/gate.h"
#include "agent/proxy/exchange.h"
#include "agent/proxy/refusal.h"
#include "bfy-config.h"
#include "protocol/rpc.h"

#define NOT_FOUND_TEXT                                                                             \
  "There is no such binding, or the key does not fit it; bindify list shows the bindings"

static gboolean
is_post (BfyRequest *request)
{
  return g_str_equal (bfy_request_get_method (request), "POST");
}

static BfyRpc *
parse_body (BfyRequest *request, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);

  return bfy_rpc_parse (text, length, error);
}

/* ping and health are the agent's own (behaviour 6.1, 6.2). TRUE when answered. */
static gboolean
answer_health (BfyRequest *request, const BfyRpc *rpc)
{
  const BfyRpcMessage *message = bfy_rpc_message (rpc, 0);
  gboolean is_ping, is_health;
  g_autofree char *body = NULL;

  if (bfy_rpc_is_batch (rpc) || message->kind == BFY_RPC_RESPONSE)
    return FALSE;
  is_ping = g_str_equal (message->method, "ping");
  is_health = g_ascii_strcasecmp (message->method, "health") == 0;
  if (!is_ping && !is_health)
    return FALSE;
  if (message->kind == BFY_RPC_NOTIFICATION)
    {
      bfy_request_reply_empty (request, 202);
      return TRUE;
    }

  body = bfy_rpc_format_result (
      message->id, is_ping ? "{}" : "{\"status\":\"ok\",\"version\":\"" BFY_VERSION "\"}");
  bfy_request_reply (request, 200, "application/json", body, -1);

  return TRUE;
}

/* …/sse and …/messages belong to the transport of 2024-11-05 (behaviour 2.4). */
static void
answer_old_transport (BfyRequest *request, const BfyRpc *rpc)
{
  const BfyRoute *route = bfy_request_get_route (request);

  if (rpc != NULL && g_str_equal (route->rest, "messages") && answer_health (request, rpc))
    return;

  bfy_request_reply (request, 400, "text/plain",
                     "This binding uses Streamable HTTP: leave the last part of the path away.\n",
                     -1);
}

static gboolean
check_state (BfyRequest *request, const BfyRpc *rpc, const BfyBinding *binding)
{
  g_autofree char *text = NULL;

  if (binding->state != BFY_STATE_PAUSED)
    return TRUE;

  text = g_strdup_printf ("The binding “%s” is paused; bindify resume %s lets it go on",
                          binding->name, binding->name);
  bfy_refuse (request, rpc, BFY_ERROR_PAUSED, text);

  return FALSE;
}

void
bfy_mcp_serve (BfyAgent *agent, BfyRequest *request)
{
  BfyBinding *binding = bfy_gate_find_binding (agent, request);
  g_autoptr (BfyRpc) rpc = NULL;
  g_autoptr (GError) error = NULL;

  if (is_post (request))
    rpc = parse_body (request, &error);
  if (binding == NULL)
    {
      bfy_refuse (request, rpc, BFY_ERROR_NOT_FOUND, NOT_FOUND_TEXT);
      return;
    }
  if (bfy_request_get_route (request)->kind == BFY_ROUTE_MCP_SSE)
    {
      answer_old_transport (request, rpc);
      return;
    }
  if (error != NULL)
    {
      bfy_refuse (request, NULL, bfy_error_code (error), error->message);
      return;
    }
  if ((rpc != NULL && answer_health (request, rpc)) || !check_state (request, rpc, binding))
    return;

  if (binding->type == BFY_BINDING_CUSTOM)
    bfy_child_serve (agent, request, binding, g_steal_pointer (&rpc));
  else
    bfy_exchange_begin (agent, request, binding, g_steal_pointer (&rpc));
}
