/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "protocol/error.h"
#include "protocol/http-message.h"
#include "protocol/json.h"

/* One JSON-RPC body as MCP sends it, parsed once: everything that routing, policy and refusals
 * need, nothing else. The id is kept as its original token, because 1.0, "1" and 1e2 must come back
 * as they came (mcp.md A.7). */

#define BFY_RPC_HTTP "http"   /* what stands for the method of an HTTP request */
#define BFY_RPC_BATCH_MAX 256 /* messages in one array */

typedef enum
{
  BFY_RPC_REQUEST,
  BFY_RPC_NOTIFICATION,
  BFY_RPC_RESPONSE,
} BfyRpcKind;

typedef struct
{
  BfyRpcKind kind;
  char *id;               /* (owned) (nullable) raw JSON token: a string or a number */
  char *method;           /* (owned) (nullable) NULL for responses */
  char *name;             /* (owned) (nullable) params.name, or params.ref.name (see below) */
  char *uri;              /* (owned) (nullable) params.uri, or params.ref.uri (see below) */
  char *task_id;          /* (owned) (nullable) params.taskId */
  GStrv subscriptions;    /* (owned) (nullable) of subscriptions/listen: the URIs in
                             params.notifications.resourceSubscriptions; "" for what is no string */
  char *protocol_version; /* (owned) (nullable)
                             params._meta["io.modelcontextprotocol/protocolVersion"] */
  BfyJsonSlice params;    /* start NULL when there are none; as arguments in all else */
  BfyJsonSlice arguments; /* params.arguments, start NULL when it is absent: borrowed from the text
                             that was parsed, to be looked at only while that is there */
  BfyHttpMessage *http;   /* (owned) (nullable) this is no JSON-RPC but an HTTP request */
  gboolean has_claim;     /* that key exists, whatever its type (mcp.md A.6, era selection) */
} BfyRpcMessage;

/* Which of params.name and params.ref.name counts is what the server will look at: ref alone for
 * completion/complete; otherwise params.name, and ref only where there is no such member. The same
 * for uri. A member of another type than string gives NULL, never the other member. */

typedef struct _BfyRpc BfyRpc;

/* Checks strictly, then extracts. BFY_ERROR_PARSE: not JSON or not strict. BFY_ERROR_BAD_REQUEST:
 * not an object or array of objects, `jsonrpc` is not "2.0", `method` not a string, id of another
 * type than string, number (null is accepted only in responses), `params` neither object nor array,
 * none of method, result and error, empty or over-long batch, or a member name that equals one read
 * here but for case ("Method"): some servers would take it for the same. Other members are ignored.
 */
BfyRpc *bfy_rpc_parse (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A request of an `http` binding, so that all that looks at a message can look at it: one request
 * without an id, `method` is "http", `name` is method and path ("GET /user"), `arguments` a body
 * that is a JSON object. What @http points to is copied but for the body, which must stay. */
BfyRpc *bfy_rpc_new_http (const BfyHttpMessage *http);
/* The same for one that stands for a call of @tool, under whose name it is known. */
BfyRpc *bfy_rpc_new_call (const char *tool, const BfyHttpMessage *http);
void bfy_rpc_free (BfyRpc *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRpc, bfy_rpc_free)

gboolean bfy_rpc_is_batch (const BfyRpc *self);
guint bfy_rpc_n_messages (const BfyRpc *self);
const BfyRpcMessage *bfy_rpc_message (const BfyRpc *self, guint index);

/* {"jsonrpc":"2.0","id":…,"error":{"code":…,"message":…,"data":{"origin":"agent","reason":…}}}
 * @id is a raw token or NULL for null (behaviour 4). Free with g_free(). */
char *bfy_rpc_format_error (const char *id, BfyErrorCode code, const char *message);
/* {"jsonrpc":"2.0","id":…,"result":RESULT}, @result is raw JSON. Free with g_free(). */
char *bfy_rpc_format_result (const char *id, const char *result);
