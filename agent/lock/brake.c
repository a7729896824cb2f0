/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/lock/brake.h"

#include "agent/child/children.h"
#include "agent/database/relay.h"
#include "agent/era/eras.h"
#include "agent/http/asked.h"
#include "agent/proxy/refusal.h"

typedef struct
{
  BfyAgent *agent; /* borrowed */
  const char *text;
} Brake;

static gboolean
is_for_client (BfyRequest *request)
{
  const BfyRoute *route = bfy_request_get_route (request);

  return route != NULL && (route->kind == BFY_ROUTE_MCP || route->kind == BFY_ROUTE_MCP_SSE ||
                           route->kind == BFY_ROUTE_HTTP);
}

static void
refuse (BfyRequest *request, const char *text)
{
  g_autoptr (BfyRpc) rpc = bfy_asked_read (request, NULL);

  if (rpc != NULL && bfy_rpc_is_batch (rpc))
    bfy_refuse_each (request, rpc, BFY_ERROR_FROZEN, text);
  else
    bfy_refuse (request, rpc, BFY_ERROR_FROZEN, text);
}

/* One whose body is still coming is refused when it is there. */
static void
end (BfyRequest *request, gpointer user_data)
{
  const Brake *brake = user_data;

  if (!is_for_client (request) || bfy_request_get_body (request) == NULL)
    return;
  bfy_request_set_end_code (request, BFY_ERROR_FROZEN);
  if (!bfy_request_is_answered (request))
    refuse (request, brake->text);
  else
    bfy_request_break (request);
  g_cancellable_cancel (bfy_request_get_gone (request));
}

static gboolean
on_idle (gpointer user_data)
{
  Brake *brake = user_data;

  bfy_server_foreach_request (brake->agent->server, end, brake);
  bfy_eras_drop_all (brake->agent->eras);
  if (brake->agent->children != NULL)
    bfy_children_end_all (brake->agent->children);

  return G_SOURCE_REMOVE;
}

void
bfy_brake_pull (BfyAgent *agent, const char *static_text)
{
  Brake *brake = g_new (Brake, 1);

  *brake = (Brake){ agent, static_text };
  bfy_relays_end (agent->relays, NULL);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, on_idle, brake, g_free);
}
