/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/policy.h"

/* The one place where a binding's policy is held against a request, before anything of it leaves:
 * for remote servers and local ones alike. @rpc: NULL for GET and DELETE, which bring nothing to
 * judge. FALSE after having refused and recorded it; of an array one refused message is enough
 * (behaviour 4.3). */
gboolean bfy_policy_gate_admit (BfyAgent *agent,
                                BfyRequest *request,
                                BfyBinding *binding,
                                const BfyRpc *rpc);

/* What the policy wants a person to be asked about; nothing of @rpc is denied, and @message is the
 * first that is asked for. The only way from “ask” to a request that goes on: whoever asks people
 * does it here. TRUE lets all of @rpc pass; FALSE when it has been answered. Nobody can be asked
 * yet, so it is refused as approval_unavailable, with the command that permits it. */
gboolean bfy_policy_gate_ask (BfyAgent *agent,
                              BfyRequest *request,
                              BfyBinding *binding,
                              const BfyRpc *rpc,
                              const BfyRpcMessage *message,
                              const BfyPolicyVerdict *verdict);
