/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/old-transport.h"

#include "agent/proxy/health.h"
#include "agent/proxy/refusal.h"
#include "agent/toolbox/toolbox.h"
#include "protocol/endpoint.h"

static gboolean
is_at (BfyRequest *request, const char *method, const char *suffix)
{
  const BfyRoute *route = bfy_request_get_route (request);

  return route->kind == BFY_ROUTE_MCP_SSE && g_str_equal (route->rest, suffix) &&
         g_str_equal (bfy_request_get_method (request), method);
}

gboolean
bfy_old_transport_is_post (BfyRequest *request)
{
  return is_at (request, "POST", "messages");
}

gboolean
bfy_old_transport_is_stream (BfyRequest *request)
{
  return is_at (request, "GET", "sse");
}

BfyPostbox *
bfy_old_transport_find (BfyAgent *agent, BfyRequest *request, const BfyBinding *binding)
{
  BfyClient *client = bfy_request_get_client (request);
  g_autofree char *id = bfy_old_transport_is_post (request)
                            ? bfy_endpoint_dup_id (bfy_request_get_query (request))
                            : NULL;

  if (id == NULL || binding == NULL)
    return NULL;

  return bfy_postboxes_find (agent->postboxes, binding->id, client != NULL ? client->id : NULL, id);
}

void
bfy_old_transport_refuse (BfyRequest *request)
{
  bfy_request_reply (request, 400, "text/plain",
                     "This binding uses Streamable HTTP: leave the last part of the path away.\n",
                     -1);
}

static gboolean
on_message (const char *message, gpointer user_data)
{
  return bfy_postbox_deliver (user_data, message);
}

static BfyConnection *
on_detached (BfyRequest *request, gpointer user_data)
{
  bfy_postbox_take_detached (user_data, request);

  return bfy_postbox_get_connection (user_data);
}

static void
on_destroy (gpointer user_data)
{
  bfy_postbox_unref (user_data);
}

static const BfyRequestDetour detour = { on_message, on_detached, on_destroy };

/* A POST without an id is somebody's look whether we are alive, or a mistake. */
static void
answer_stray (BfyRequest *request, const BfyRpc *rpc)
{
  g_autofree char *id = bfy_endpoint_dup_id (bfy_request_get_query (request));

  if (id != NULL)
    bfy_refuse (request, rpc, BFY_ERROR_SESSION_LOST,
                "There is no such stream for this binding and client; open another one");
  else if (rpc == NULL || !bfy_health_answer (request, rpc))
    bfy_old_transport_refuse (request);
}

gboolean
bfy_old_transport_serve (BfyAgent *agent,
                         BfyRequest *request,
                         const BfyBinding *binding,
                         const BfyRpc *rpc)
{
  BfyPostbox *postbox = bfy_old_transport_find (agent, request, binding);

  if (binding != NULL && bfy_old_transport_is_stream (request) &&
      binding->type != BFY_BINDING_CUSTOM && bfy_toolbox_find (binding) == NULL)
    return FALSE;
  if (postbox != NULL)
    {
      bfy_request_set_detour (request, &detour, bfy_postbox_ref (postbox));
      return FALSE;
    }

  if (bfy_old_transport_is_post (request))
    answer_stray (request, rpc);
  else
    bfy_old_transport_refuse (request);

  return TRUE;
}
