/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/mcp.h"

#include "agent/child/serve.h"
#include "agent/gate.h"
#include "agent/proxy/exchange.h"
#include "agent/proxy/policy-gate.h"
#include "agent/proxy/refusal.h"
#include "bfy-config.h"
#include "protocol/era.h"

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

static const char *
joined_header (BfyRequest *request, const char *name)
{
  return soup_message_headers_get_list (bfy_request_get_headers (request), name);
}

static BfyEra
era_of (BfyRequest *request, const BfyRpc *rpc)
{
  BfyEraHeaders headers = {
    .version = joined_header (request, "MCP-Protocol-Version"),
    .method = joined_header (request, "Mcp-Method"),
    .name = joined_header (request, "Mcp-Name"),
  };

  return rpc != NULL ? bfy_era_of (rpc, &headers) : BFY_ERA_LEGACY;
}

static gboolean
check_era (BfyRequest *request, const BfyRpc *rpc, BfyEra era)
{
  const char *text = NULL;
  BfyErrorCode code = bfy_era_error (era, &text);

  if (code == BFY_N_ERRORS)
    return TRUE;
  bfy_refuse (request, rpc, code, text);

  return FALSE;
}

/* A session id is worth something only to whom it was given; since 2026-07-28 it means nothing. */
static gboolean
check_session (
    BfyAgent *agent, BfyRequest *request, const BfyRpc *rpc, const BfyBinding *binding, BfyEra era)
{
  const char *id = joined_header (request, "Mcp-Session-Id");
  BfyClient *client = bfy_request_get_client (request);

  if (id == NULL || era == BFY_ERA_MODERN ||
      bfy_sessions_know (agent->sessions, binding->id, client != NULL ? client->id : NULL, id))
    return TRUE;
  bfy_refuse (request, rpc, BFY_ERROR_SESSION_LOST,
              "There is no such session for this binding and client; initialize again");

  return FALSE;
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
  BfyEra era;

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
  era = era_of (request, rpc);
  if (!check_era (request, rpc, era) || !check_session (agent, request, rpc, binding, era))
    return;
  /* 2026-07-28 has no ping: there the upstream says so. */
  if (rpc != NULL && era == BFY_ERA_LEGACY && answer_health (request, rpc))
    return;
  if (!check_state (request, rpc, binding) || !bfy_policy_gate_admit (agent, request, binding, rpc))
    return;

  if (binding->type == BFY_BINDING_CUSTOM)
    bfy_child_serve (agent, request, binding, g_steal_pointer (&rpc), era);
  else
    bfy_exchange_begin (agent, request, binding, g_steal_pointer (&rpc));
}
