/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/serve.h"

#include "agent/child/batch.h"
#include "agent/child/mirrored.h"
#include "agent/child/post.h"
#include "agent/child/version.h"
#include "agent/proxy/quota-gate.h"
#include "agent/proxy/refusal.h"

#define SESSION_HEADER "Mcp-Session-Id"

static const char no_session_text[] = "Bad Request: Mcp-Session-Id header is required";
static const char lost_text[] = "This session has ended or never was; initialize again";

static gboolean
is_method (BfyRequest *request, const char *method)
{
  return g_str_equal (bfy_request_get_method (request), method);
}

/* NULL after having answered. */
static BfySession *
find_session (BfyLocal *local, BfyRequest *request, const BfyRpc *rpc)
{
  const char *id = bfy_request_get_header (request, SESSION_HEADER);
  BfySession *session;

  if (id == NULL)
    {
      bfy_post_refuse (request, 400, NULL, -32000, no_session_text, NULL);
      return NULL;
    }
  session = bfy_local_find_session (local, id, bfy_post_owner (request));
  if (session == NULL)
    bfy_refuse (request, rpc, BFY_ERROR_SESSION_LOST, lost_text);

  return session;
}

static gboolean
accepts_events (BfyRequest *request)
{
  const char *accept = bfy_request_get_header (request, "Accept");

  return accept != NULL &&
         (strstr (accept, "text/event-stream") != NULL || strstr (accept, "*/*") != NULL);
}

static void
serve_get (BfyLocal *local, BfyRequest *request)
{
  BfySession *session;

  /* Modern clients have no use for it (mcp.md A.1). */
  if (bfy_version_is_modern (bfy_request_get_header (request, "MCP-Protocol-Version")))
    {
      bfy_refuse (request, NULL, BFY_ERROR_METHOD_NOT_ALLOWED, "This version takes POST only");
      return;
    }
  session = find_session (local, request, NULL);
  if (session == NULL)
    return;
  if (!accepts_events (request))
    {
      bfy_post_refuse (request, 406, NULL, -32000,
                       "Not Acceptable: Client must accept text/event-stream", NULL);
      return;
    }
  if (!bfy_session_listen (session, request, bfy_request_get_header (request, "Last-Event-ID")))
    bfy_post_refuse (request, 409, NULL, -32000,
                     "Conflict: Only one SSE stream is allowed per session", NULL);
}

static void
serve_delete (BfyLocal *local, BfyRequest *request)
{
  BfySession *session = find_session (local, request, NULL);

  if (session == NULL)
    return;
  bfy_local_end_session (local, session);
  bfy_request_reply_empty (request, 200);
}

/* FALSE after having refused what only a server can judge. */
static gboolean
check_version (BfyRequest *request, const BfyRpc *rpc, BfyEra era)
{
  const char *id = bfy_refusal_id (rpc);
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);

  if (era == BFY_ERA_LEGACY &&
      !bfy_version_is_legacy (bfy_request_get_header (request, "MCP-Protocol-Version")))
    {
      bfy_post_refuse (
          request, 400, id, -32000,
          "Bad Request: Unsupported protocol version (supported versions: " BFY_VERSION_ALL ")",
          NULL);
      return FALSE;
    }
  if (era == BFY_ERA_MODERN && bfy_rpc_message (rpc, 0)->kind == BFY_RPC_REQUEST &&
      !bfy_version_has_capabilities (text, length))
    {
      bfy_post_refuse (request, 400, id, -32602,
                       "params._meta lacks io.modelcontextprotocol/clientCapabilities", NULL);
      return FALSE;
    }

  return TRUE;
}

/* A notification, or a response to a request of the server. */
static void
serve_one_way (BfyLocal *local, BfyRequest *request, BfyRpc *rpc, gboolean is_modern)
{
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);
  BfySession *session = is_modern ? NULL : find_session (local, request, rpc);

  /* Over HTTP the modern era has no notification that would mean anything to a server. */
  if (session != NULL)
    bfy_session_pass (session, text, length);
  if (session != NULL || is_modern)
    bfy_request_reply_empty (request, 202);
}

/* Only 2025-03-26 has batches; without a header that is what the client may speak. */
static void
serve_batch (BfyLocal *local, BfyRequest *request, BfyRpc *taken)
{
  g_autoptr (BfyRpc) rpc = taken;
  const char *version = bfy_request_get_header (request, "MCP-Protocol-Version");
  BfySession *session;

  if (version != NULL && !g_str_equal (version, "2025-03-26"))
    {
      bfy_post_refuse (request, 400, NULL, -32600, "Only 2025-03-26 has batches", NULL);
      return;
    }
  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    if (g_strcmp0 (bfy_rpc_message (rpc, i)->method, "initialize") == 0)
      {
        bfy_post_refuse (request, 400, NULL, -32600, "initialize is not sent in a batch", NULL);
        return;
      }

  session = find_session (local, request, rpc);
  if (session != NULL)
    bfy_batch_begin (local, request, session, g_steal_pointer (&rpc));
}

static void
serve_post (BfyLocal *local, BfyRequest *request, BfyRpc *taken, BfyEra era)
{
  g_autoptr (BfyRpc) rpc = taken;
  const BfyRpcMessage *message = bfy_rpc_message (rpc, 0);
  BfySession *session = NULL;
  BfyPostKind kind;
  gboolean is_modern = era == BFY_ERA_MODERN;

  if (bfy_rpc_is_batch (rpc) && !is_modern)
    {
      serve_batch (local, request, g_steal_pointer (&rpc));
      return;
    }
  if (!check_version (request, rpc, era))
    return;
  if (message->kind != BFY_RPC_REQUEST)
    {
      serve_one_way (local, request, rpc, is_modern);
      return;
    }

  if (is_modern && !bfy_mirrored_check (bfy_local_get_tools (local), request, message))
    {
      bfy_post_refuse (request, 400, message->id, -32020,
                       "A header Mcp-Param-… is missing or differs from its argument", NULL);
      return;
    }

  kind = is_modern                                     ? BFY_POST_MODERN
         : g_str_equal (message->method, "initialize") ? BFY_POST_INITIALIZE
                                                       : BFY_POST_LEGACY;
  if (kind == BFY_POST_LEGACY)
    {
      session = find_session (local, request, rpc);
      if (session == NULL)
        return;
    }
  bfy_post_begin (local, request, kind, session, g_steal_pointer (&rpc));
}

/* While the agent is locked, no program works for anybody, not even one without a credential. */
static gboolean
check_unlocked (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, const BfyRpc *rpc)
{
  g_autoptr (GError) error = NULL;
  BfyEvent *event;

  if (bfy_credentials_check_unlocked (agent->credentials, &error))
    return TRUE;

  bfy_refuse (request, rpc, BFY_ERROR_LOCKED, error->message);
  event = bfy_agent_new_event ("proxy_request", binding, request);
  event->category = g_strdup (bfy_error_to_wire (BFY_ERROR_LOCKED));
  event->outcome = BFY_OUTCOME_BLOCKED;
  if (rpc != NULL && !bfy_rpc_is_batch (rpc))
    event->method = g_strdup (bfy_rpc_message (rpc, 0)->method);
  bfy_store_append_event (agent->store, event, TRUE);
  bfy_quota_gate_judge (request, BFY_OUTCOME_BLOCKED);

  return FALSE;
}

void
bfy_child_serve (
    BfyAgent *agent, BfyRequest *request, BfyBinding *binding, BfyRpc *taken, BfyEra era)
{
  BfyLocal *local = bfy_children_get (agent->children, binding);
  g_autoptr (BfyRpc) rpc = taken;

  if (!check_unlocked (agent, request, binding, rpc))
    return;
  if (is_method (request, "GET"))
    serve_get (local, request);
  else if (is_method (request, "DELETE"))
    serve_delete (local, request);
  else
    serve_post (local, request, g_steal_pointer (&rpc), era);
}
