/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/all/legacy.h"

#include "agent/all/all.h"
#include "agent/all/call.h"
#include "agent/all/gather.h"
#include "agent/all/listen.h"
#include "agent/all/splice.h"
#include "agent/child/version.h"
#include "agent/proxy/refusal.h"

#define NEWEST "2025-11-25"
#define CLAIM "io.modelcontextprotocol/protocolVersion"
#define CLAIM_MEMBERS                                                                              \
  "\"" CLAIM "\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{},"                \
  "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"bindify\",\"version\":\"1\"}"

BfyEra
bfy_all_era_of (const BfyRpc *rpc)
{
  return bfy_rpc_message (rpc, 0)->has_claim ? BFY_ERA_MODERN : BFY_ERA_LEGACY;
}

/* Puts @members first into @object. */
static void
put_first (BfySplice *splice, const BfyJsonSlice *object, const char *members)
{
  BfyJsonSlice here = { BFY_JSON_OBJECT, object->start + 1, 0 };
  BfyJsonSlice key, value;
  BfyJsonIter iter;
  g_autofree char *more = NULL;

  bfy_json_iter_init (&iter, object);
  more = g_strconcat (members, bfy_json_iter_next (&iter, &key, &value) ? "," : "", NULL);
  bfy_splice_set (splice, &here, more);
}

GBytes *
bfy_all_modernize (GBytes *taken)
{
  static const char *const claim_path[] = { "params", "_meta", CLAIM, NULL };
  static const char *const meta_path[] = { "params", "_meta", NULL };
  static const char *const params_path[] = { "params", NULL };
  g_autoptr (GBytes) request = taken;
  gsize length;
  const char *text = g_bytes_get_data (request, &length);
  g_autoptr (BfySplice) splice = bfy_splice_new (text, length);
  BfyJsonSlice root, found;
  char *modern;

  bfy_json_slice_root (text, length, &root);
  if (bfy_splice_find (&root, claim_path, &found))
    return g_steal_pointer (&request);
  if (bfy_splice_find (&root, meta_path, &found) && found.type == BFY_JSON_OBJECT)
    put_first (splice, &found, CLAIM_MEMBERS);
  else if (bfy_splice_find (&root, params_path, &found) && found.type == BFY_JSON_OBJECT)
    put_first (splice, &found, "\"_meta\":{" CLAIM_MEMBERS "}");
  modern = bfy_splice_apply (splice, &length);

  return g_bytes_new_take (modern, length);
}

/* The version that the client wants, if there is such a one, else our newest. */
static char *
choose_version (BfyRequest *request)
{
  static const char *const path[] = { "params", "protocolVersion", NULL };
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);
  BfyJsonSlice root, found;
  g_autofree char *wanted = NULL;

  bfy_json_slice_root (text, length, &root);
  if (bfy_splice_find (&root, path, &found))
    wanted = bfy_json_slice_dup_string (&found);
  if (wanted != NULL && bfy_version_is_legacy (wanted))
    return g_steal_pointer (&wanted);

  return g_strdup (NEWEST);
}

static void
serve_request (BfyAgent *agent, BfyRequest *request, BfyRpc *taken)
{
  g_autoptr (BfyRpc) rpc = taken;
  const BfyRpcMessage *message = bfy_rpc_message (rpc, 0);
  const BfyAllList *list = bfy_all_list_find (message->method);
  g_autofree char *meta = bfy_all_dup_meta (request, BFY_ERA_LEGACY);
  g_auto (BfyAllTarget) target = { .kind = BFY_ALL_NOTHING };

  if (g_str_equal (message->method, "initialize"))
    {
      g_autofree char *version = choose_version (request);

      bfy_all_gather_discover (agent, request, version, message->id, meta);
    }
  else if (list != NULL)
    {
      bfy_all_gather_list (agent, request, list, message->id, meta);
    }
  else if (g_str_equal (message->method, "logging/setLevel"))
    {
      g_autofree char *body = bfy_rpc_format_result (message->id, "{}");

      bfy_request_reply (request, 200, "application/json", body, -1);
    }
  else if (!g_str_has_suffix (message->method, "subscribe") &&
           bfy_all_target_read (message, &target))
    {
      bfy_all_call (agent, request, g_steal_pointer (&rpc), &target);
    }
  else
    {
      bfy_all_refuse (request, 200, message->id, BFY_ALL_CODE_NO_METHOD,
                      "There is no such method here");
    }
}

static void
serve_get (BfyAgent *agent, BfyRequest *request)
{
  const char *accept = bfy_request_get_header (request, "Accept");

  if (bfy_version_is_modern (bfy_request_get_header (request, "MCP-Protocol-Version")))
    bfy_refuse (request, NULL, BFY_ERROR_METHOD_NOT_ALLOWED, "This version takes POST only");
  else if (accept == NULL ||
           (strstr (accept, "text/event-stream") == NULL && strstr (accept, "*/*") == NULL))
    bfy_all_refuse (request, 406, NULL, -32000,
                    "Not Acceptable: Client must accept text/event-stream");
  else
    bfy_all_listen_legacy (agent, request);
}

void
bfy_all_serve_legacy (BfyAgent *agent, BfyRequest *request, BfyRpc *taken)
{
  g_autoptr (BfyRpc) rpc = taken;

  if (g_str_equal (bfy_request_get_method (request), "GET"))
    serve_get (agent, request);
  else if (rpc == NULL)
    bfy_refuse (request, NULL, BFY_ERROR_METHOD_NOT_ALLOWED,
                "There are no sessions here that could be ended");
  else if (bfy_rpc_is_batch (rpc))
    bfy_refuse (request, rpc, BFY_ERROR_BAD_REQUEST, "Batches are not taken: send one message");
  else if (bfy_rpc_message (rpc, 0)->kind != BFY_RPC_REQUEST)
    bfy_request_reply_empty (request, 202);
  else
    serve_request (agent, request, g_steal_pointer (&rpc));
}
