/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/policy.h"

/* What the gates of the policy and of approvals share. */

typedef struct
{
  const BfyRpcMessage *message; /* borrowed */
  BfyPolicyVerdict verdict;
} BfyPolicyJudged;

/* As an event: blocked. */
void bfy_policy_gate_record (BfyAgent *agent,
                             BfyRequest *request,
                             BfyBinding *binding,
                             const BfyPolicyJudged *judged,
                             BfyErrorCode code);
/* All of it, each message by itself. */
void bfy_policy_gate_refuse (BfyRequest *request,
                             const BfyRpc *rpc,
                             BfyErrorCode code,
                             const char *text);
