/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/all/target.h"

/* A request that is for one binding: it goes there under the name the thing has there, and what
 * comes back is passed on event by event with names and addresses as they are at the endpoint for
 * all. Ids, progress tokens, requestState and everything else keep their bytes, because the request
 * keeps its own. When the client goes, the request of the binding is called off. Frees itself. */

/* Takes over @rpc. */
void bfy_all_call (BfyAgent *agent, BfyRequest *request, BfyRpc *rpc, const BfyAllTarget *target);
