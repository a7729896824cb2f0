/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/era.h"

/* Serves an admitted request on /mcp/NAME of a custom binding: here the agent is the HTTP server of
 * Streamable HTTP, in both eras (mcp.md A.5, A.6, A.9). Takes over @rpc (nullable: GET and DELETE
 * have no body); @era: what the body says, with headers that agree. */
void bfy_child_serve (
    BfyAgent *agent, BfyRequest *request, BfyBinding *binding, BfyRpc *rpc, BfyEra era);
