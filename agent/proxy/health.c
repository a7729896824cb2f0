/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/health.h"

#include "agent/proxy/refusal.h"
#include "bfy-config.h"

gboolean
bfy_health_answer (BfyRequest *request, const BfyRpc *rpc)
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
  bfy_answer (request, body);

  return TRUE;
}
