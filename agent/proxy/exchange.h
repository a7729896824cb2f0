/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/rpc.h"

/* One request on its way through the agent: credential, upstream message, streamed answer, event
 * (design, Life of a request). It lives until both sides are done and then frees itself. When the
 * client goes the upstream is closed at once, and the other way round. */

/* Takes over @rpc (nullable: GET and DELETE have no body). */
void bfy_exchange_begin (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, BfyRpc *rpc);
