/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/version.h"
#include "agent/proxy/quota-gate.h"
#include "agent/proxy/refusal.h"
#include "agent/toolbox/call.h"
#include "agent/toolbox/reply.h"
#include "agent/toolbox/tool.h"

static const char no_capabilities_text[] =
    "params._meta lacks io.modelcontextprotocol/clientCapabilities";

/* What answers one method. The arguments are looked at by those who need them. */
typedef struct
{
  const char *method;
  BfyEra era;
  void (*answer) (BfyToolboxCall *call);
} Row;

static void
answer_initialize (BfyToolboxCall *call)
{
  bfy_toolbox_reply (call, bfy_toolbox_greeting (call));
}

static void
answer_discover (BfyToolboxCall *call)
{
  bfy_toolbox_reply (call, bfy_toolbox_discovery (call));
}

static void
answer_ping (BfyToolboxCall *call)
{
  bfy_toolbox_reply (call, json_object_new ());
}

static const Row rows[] = {
  { "initialize", BFY_ERA_LEGACY, answer_initialize },
  { "ping", BFY_ERA_LEGACY, answer_ping },
  { "tools/list", BFY_ERA_LEGACY, bfy_toolbox_list },
  { "tools/call", BFY_ERA_LEGACY, bfy_toolbox_call },
  { "server/discover", BFY_ERA_MODERN, answer_discover },
  { "tools/list", BFY_ERA_MODERN, bfy_toolbox_list },
  { "tools/call", BFY_ERA_MODERN, bfy_toolbox_call },
};

/* While the agent is locked, nothing works for anybody. */
static gboolean
check_unlocked (BfyToolboxCall *call)
{
  g_autoptr (GError) error = NULL;

  if (bfy_credentials_check_unlocked (call->agent->credentials, &error))
    return TRUE;
  bfy_refuse (call->request, call->rpc, BFY_ERROR_LOCKED, error->message);
  bfy_toolbox_finish (call, BFY_ERROR_LOCKED);

  return FALSE;
}

static gboolean
check_version (BfyToolboxCall *call)
{
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (call->request), &length);

  if (call->era == BFY_ERA_MODERN && !bfy_version_has_capabilities (text, length))
    bfy_toolbox_reply_error (call, 400, BFY_TOOLBOX_BAD_PARAMS, no_capabilities_text);
  else if (call->era == BFY_ERA_LEGACY &&
           !bfy_version_is_legacy (bfy_request_get_header (call->request, "MCP-Protocol-Version")))
    bfy_toolbox_reply_error (
        call, 400, -32000,
        "Bad Request: Unsupported protocol version (supported versions: " BFY_VERSION_ALL ")");
  else
    return TRUE;

  return FALSE;
}

static void
serve_request (BfyToolboxCall *call)
{
  const char *method = bfy_toolbox_message (call)->method;

  if (!check_unlocked (call) || !check_version (call))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].era == call->era && g_str_equal (rows[i].method, method))
      {
        rows[i].answer (call);
        return;
      }
  bfy_toolbox_reply_error (call, call->era == BFY_ERA_MODERN ? 404 : 200, BFY_TOOLBOX_NO_METHOD,
                           "There is no such method here");
}

void
bfy_toolbox_serve (
    BfyAgent *agent, BfyRequest *request, BfyBinding *binding, BfyRpc *taken, BfyEra era)
{
  g_autoptr (BfyRpc) rpc = taken;

  if (rpc == NULL)
    bfy_refuse (request, NULL, BFY_ERROR_METHOD_NOT_ALLOWED, "There are no sessions and streams");
  else if (bfy_rpc_is_batch (rpc))
    bfy_refuse (request, rpc, BFY_ERROR_BAD_REQUEST, "Batches are not taken: send one message");
  else if (bfy_rpc_message (rpc, 0)->kind != BFY_RPC_REQUEST)
    bfy_request_reply_empty (request, 202);
  else
    serve_request (bfy_toolbox_call_new (agent, request, binding, g_steal_pointer (&rpc), era));
}
