/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/child/local.h"
#include "protocol/rpc.h"

/* An array of messages in one POST, which 2025-03-26 alone has (mcp.md A.3): each goes to the
 * server by itself, and the answers come on one event stream in the order in which the server has
 * them. */

/* Takes over @rpc, a batch. */
void bfy_batch_begin (BfyLocal *local, BfyRequest *request, BfySession *session, BfyRpc *rpc);
