/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/access.h"
#include "protocol/era.h"
#include "protocol/rpc.h"

/* Bindings that have methods of their own (sdk, database, local-network): to MCP clients the agent
 * itself is the server, in every version, and each method is a tool. It keeps no sessions. */

/* What such a binding can do. */
typedef struct
{
  char *name;        /* (owned) “issues.create” */
  char *title;       /* (owned) (nullable) one line for people */
  char *description; /* (owned) (nullable) for models */
  BfyAccess access;
  JsonObject *schema; /* (owned) JSON Schema of the arguments: an object */
} BfyTool;

BfyTool *bfy_tool_new (const char *name, BfyAccess access);
void bfy_tool_free (BfyTool *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyTool, bfy_tool_free)

/* One type of binding with methods. */
typedef struct
{
  BfyBindingType type;
  /* (nullable) Whether this one of that type has any; else all have. */
  gboolean (*is_for) (const BfyBinding *binding);
  /* (element-type BfyTool) (transfer full) All of them, in an order that stays. */
  GPtrArray *(*list) (BfyAgent *agent, BfyBinding *binding, GError **error);
  /* @tool is one of the list, and the gates have let it pass; the arguments are as they came. The
   * callback may be called before this returns. */
  void (*call_async) (BfyAgent *agent,
                      BfyRequest *request,
                      BfyBinding *binding,
                      const char *tool,
                      JsonObject *arguments,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
  /* What came of it (transfer full). An error is told as the result of the tool, with its wire
   * name. */
  JsonNode *(*call_finish) (GAsyncResult *result, GError **error);
  /* (nullable) Whether there is an event about the call already; otherwise one is written here. */
  gboolean (*has_recorded) (GAsyncResult *result);
} BfyToolboxKind;

/* NULL when it has no methods of its own. */
const BfyToolboxKind *bfy_toolbox_find (const BfyBinding *binding);

/* Serves an admitted request on /mcp/NAME of a binding that has a toolbox. Takes over @rpc
 * (nullable: GET and DELETE have no body). */
void bfy_toolbox_serve (
    BfyAgent *agent, BfyRequest *request, BfyBinding *binding, BfyRpc *rpc, BfyEra era);
