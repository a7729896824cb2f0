/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/rpc.h"

/* What is asked of a request for a binding before it goes to an executor, whichever door it came by
 * and whatever it speaks. Each answers a request that it refuses, and writes that down. */

#define BFY_CHECKS_NOT_FOUND_TEXT                                                                  \
  "There is no such binding, or the key does not fit it; bindify list shows the bindings"

/* Before all else that may be said to whoever is known here. @rpc, @binding: (nullable) */
gboolean bfy_checks_thawed (BfyAgent *agent,
                            BfyRequest *request,
                            const BfyRpc *rpc,
                            const BfyBinding *binding);
/* /mcp is for MCP servers, /http for REST services. */
gboolean bfy_checks_door (BfyRequest *request, const BfyRpc *rpc, const BfyBinding *binding);
/* It is not paused. */
gboolean bfy_checks_state (BfyAgent *agent,
                           BfyRequest *request,
                           const BfyRpc *rpc,
                           const BfyBinding *binding);
/* Secrets, constraints, policy and people. What is refused for what it says has used nothing up. A
 * secret in it is told of whatever the policy says. FALSE also when it waits for a person. */
gboolean
bfy_checks_content (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, const BfyRpc *rpc);
