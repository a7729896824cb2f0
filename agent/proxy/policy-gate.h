/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/rpc.h"

/* The one place where a binding's policy is held against a request, before anything of it leaves:
 * for remote servers and local ones alike. @rpc: NULL for GET and DELETE, which bring nothing to
 * judge. FALSE after having refused and recorded it; of an array one refused message is enough
 * (behaviour 4.3). */
gboolean bfy_policy_gate_admit (BfyAgent *agent,
                                BfyRequest *request,
                                BfyBinding *binding,
                                const BfyRpc *rpc);
