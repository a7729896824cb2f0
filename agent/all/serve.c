/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/all/all.h"
#include "agent/all/call.h"
#include "agent/all/gather.h"
#include "agent/all/listen.h"
#include "agent/child/version.h"
#include "agent/era/eras.h"
#include "agent/proxy/refusal.h"
#include "protocol/name.h"

static const char no_method_text[] = "There is no such method here";
static const char no_session_text[] = "Bad Request: Mcp-Session-Id header is required";
static const char no_capabilities_text[] =
    "params._meta lacks io.modelcontextprotocol/clientCapabilities";

/* A modern request. */
static void
serve_request (BfyAgent *agent, BfyRequest *request, BfyRpc *taken)
{
  g_autoptr (BfyRpc) rpc = taken;
  const BfyRpcMessage *message = bfy_rpc_message (rpc, 0);
  const BfyAllList *list = bfy_all_list_find (message->method);
  g_autofree char *meta = bfy_all_dup_meta (request);
  g_auto (BfyAllTarget) target = { .kind = BFY_ALL_NOTHING };
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);

  if (!bfy_version_has_capabilities (text, length))
    bfy_all_refuse (request, 400, message->id, BFY_ALL_CODE_BAD_PARAMS, no_capabilities_text);
  else if (list != NULL)
    bfy_all_gather_list (agent, request, list, message->id, meta);
  else if (g_str_equal (message->method, "server/discover"))
    bfy_all_gather_discover (agent, request, message->id, meta);
  else if (g_str_equal (message->method, "subscriptions/listen"))
    bfy_all_listen (agent, request, message->id);
  else if (bfy_all_target_read (message, &target))
    bfy_all_call (agent, request, g_steal_pointer (&rpc), &target);
  else
    bfy_all_refuse (request, 404, message->id, BFY_ALL_CODE_NO_METHOD, no_method_text);
}

/* What of the old era belongs to no session: initialize begins one. */
static void
refuse_legacy (BfyRequest *request, const BfyRpc *rpc)
{
  if (bfy_request_get_header (request, "Mcp-Session-Id") != NULL)
    bfy_refuse (request, rpc, BFY_ERROR_SESSION_LOST,
                "There is no such session for this client; initialize again");
  else if (rpc == NULL)
    bfy_refuse (request, NULL, BFY_ERROR_METHOD_NOT_ALLOWED, "This needs a session");
  else if (bfy_rpc_is_batch (rpc))
    bfy_refuse (request, rpc, BFY_ERROR_BAD_REQUEST, "Batches are not taken: send one message");
  else
    bfy_all_refuse (request, 400, bfy_refusal_id (rpc), -32000, no_session_text);
}

/* To clients of the old era this is a server of the new one, like any other. */
void
bfy_all_serve (BfyAgent *agent, BfyRequest *request, BfyRpc *taken, BfyEra era)
{
  static const BfyEraTarget itself = {
    .id = BFY_NAME_OF_ALL,
    .name = BFY_NAME_OF_ALL,
    .address = "",
    .is_modern = TRUE,
  };
  g_autoptr (BfyRpc) rpc = taken;

  if (bfy_eras_serve (agent->eras, request, &itself, rpc, era))
    return;
  if (era != BFY_ERA_MODERN)
    refuse_legacy (request, rpc);
  else if (bfy_rpc_message (rpc, 0)->kind == BFY_RPC_REQUEST)
    serve_request (agent, request, g_steal_pointer (&rpc));
  else
    bfy_request_reply_empty (request, 202);
}
