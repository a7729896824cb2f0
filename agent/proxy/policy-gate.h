/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/policy.h"

typedef enum
{
  BFY_POLICY_GATE_PASSES,
  BFY_POLICY_GATE_ANSWERED, /* refused and recorded */
  BFY_POLICY_GATE_WAITS,    /* for a person; then it is served again from the start, or refused */
} BfyPolicyGate;

/* The one place where a binding's policy is held against a request, before anything of it leaves:
 * for remote servers and local ones alike. @rpc: NULL for GET and DELETE, which bring nothing to
 * judge. Of an array one refused message is enough (behaviour 4.3). */
BfyPolicyGate bfy_policy_gate_admit (BfyAgent *agent,
                                     BfyRequest *request,
                                     BfyBinding *binding,
                                     const BfyRpc *rpc);
