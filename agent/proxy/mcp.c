/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/mcp.h"

#include "agent/all/all.h"
#include "agent/child/serve.h"
#include "agent/era/eras.h"
#include "agent/gate.h"
#include "agent/guard/entrance.h"
#include "agent/prompt/prompts.h"
#include "agent/proxy/checks.h"
#include "agent/proxy/exchange.h"
#include "agent/proxy/health.h"
#include "agent/proxy/old-transport.h"
#include "agent/proxy/quota-gate.h"
#include "agent/proxy/refusal.h"
#include "agent/toolbox/toolbox.h"
#include "agent/uses.h"
#include "protocol/era.h"

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

/* The endpoint for all has no binding; the rest is as everywhere. What is for a binding is searched
 * for more than decoys, and when it is known for which. */
static gboolean
is_found (BfyAgent *agent, BfyRequest *request, const BfyBinding *binding)
{
  if (binding != NULL)
    return TRUE;

  return bfy_entrance_admit_body (agent, request) && bfy_all_is_meant (request) &&
         bfy_gate_admits_all (agent, request);
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
      bfy_sessions_know (agent->sessions, binding->id, client != NULL ? client->id : NULL, id) ||
      bfy_eras_knows_session (agent->eras, binding->id, client != NULL ? client->id : NULL, id))
    return TRUE;
  bfy_refuse (request, rpc, BFY_ERROR_SESSION_LOST,
              "There is no such session for this binding and client; initialize again");

  return FALSE;
}

/* Whether several messages may come in one body, by the version that the session agreed on and by
 * the one that the request names (mcp.md A.3). */
static gboolean
check_array (BfyAgent *agent, BfyRequest *request, const BfyRpc *rpc, const BfyBinding *binding)
{
  const char *id = joined_header (request, "Mcp-Session-Id");
  BfyClient *client = bfy_request_get_client (request);
  const char *agreed;

  if (rpc == NULL || !bfy_rpc_is_batch (rpc))
    return TRUE;
  agreed = id != NULL ? bfy_sessions_get_version (agent->sessions, binding->id,
                                                  client != NULL ? client->id : NULL, id)
                      : NULL;
  if (bfy_era_allows_arrays (agreed) &&
      bfy_era_allows_arrays (joined_header (request, "MCP-Protocol-Version")))
    return TRUE;
  bfy_refuse (request, rpc, BFY_ERROR_BAD_REQUEST,
              "Only sessions of 2025-03-26 may send an array; send the messages one by one");

  return FALSE;
}

/* What belongs to a stream of 2024-11-05 goes where that leads. */
static gboolean
meets_another_era (
    BfyAgent *agent, BfyRequest *request, const BfyBinding *binding, const BfyRpc *rpc, BfyEra era)
{
  return bfy_request_get_route (request)->kind == BFY_ROUTE_MCP &&
         bfy_eras_serve_binding (agent->eras, request, binding, rpc, era);
}

void
bfy_mcp_serve (BfyAgent *agent, BfyRequest *request)
{
  BfyBinding *binding = bfy_gate_find_binding (agent, request);
  g_autoptr (BfyRpc) rpc = NULL;
  g_autoptr (GError) error = NULL;
  BfyEra era;
  gboolean has_toolbox;

  if (is_post (request))
    rpc = parse_body (request, &error);
  if (!is_found (agent, request, binding))
    {
      bfy_refuse (request, rpc, BFY_ERROR_NOT_FOUND, BFY_CHECKS_NOT_FOUND_TEXT);
      return;
    }
  if (!bfy_checks_thawed (agent, request, rpc, binding))
    return;
  if (binding != NULL && !bfy_checks_door (request, rpc, binding))
    return;
  if (bfy_request_get_route (request)->kind == BFY_ROUTE_MCP_SSE &&
      bfy_old_transport_serve (agent, request, binding, rpc))
    return;
  if (error != NULL)
    {
      bfy_refuse (request, NULL, bfy_error_code (error), error->message);
      return;
    }
  era = era_of (request, rpc);
  if (!check_era (request, rpc, era) ||
      (binding != NULL && (!check_session (agent, request, rpc, binding, era) ||
                           !check_array (agent, request, rpc, binding))))
    return;
  /* 2026-07-28 has no ping: there the upstream says so. */
  if (rpc != NULL && era == BFY_ERA_LEGACY && bfy_health_answer (request, rpc))
    return;
  if (binding == NULL)
    {
      bfy_all_serve (agent, request, g_steal_pointer (&rpc), era);
      return;
    }
  if (rpc != NULL && bfy_prompts_call_off (agent->prompts, request, rpc))
    {
      bfy_request_reply_empty (request, 202);
      return;
    }
  if (!bfy_checks_state (agent, request, rpc, binding) ||
      !bfy_quota_gate_admit (agent, request, binding, rpc) ||
      !bfy_checks_content (agent, request, binding, rpc))
    return;
  has_toolbox = bfy_toolbox_find (binding) != NULL;
  if (!has_toolbox && meets_another_era (agent, request, binding, rpc, era))
    return;

  bfy_uses_note (agent->uses, request, binding, rpc);
  if (has_toolbox)
    bfy_toolbox_serve (agent, request, binding, g_steal_pointer (&rpc), era);
  else if (binding->type == BFY_BINDING_CUSTOM)
    bfy_child_serve (agent, request, binding, g_steal_pointer (&rpc), era);
  else
    bfy_exchange_begin (agent, request, binding, g_steal_pointer (&rpc));
}
