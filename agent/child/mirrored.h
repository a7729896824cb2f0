/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request.h"
#include "protocol/rpc.h"
#include "protocol/tool-headers.h"

/* TRUE unless a tools/call of 2026-07-28 misses a header Mcp-Param-… that a list of the server's
 * tools asks for, or has one that differs from its argument: servers must refuse that (mcp.md A.6),
 * and in front of a local server the agent is the server. What no list has told yet is not missed.
 */
gboolean
bfy_mirrored_check (const BfyToolHeaders *tools, BfyRequest *request, const BfyRpcMessage *message);
