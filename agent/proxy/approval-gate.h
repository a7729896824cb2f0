/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/proxy/policy-gate.h"

/* The only way from “ask” to a request that goes on: of @rpc, of which nothing is denied, each
 * message that a person has to be asked for needs a yes of its own, which is a grant. The first one
 * that has none is asked for; after a yes the request is served again from the start, so that
 * everything is judged anew. */
BfyPolicyGate bfy_approval_gate_admit (BfyAgent *agent,
                                       BfyRequest *request,
                                       BfyBinding *binding,
                                       const BfyRpc *rpc);
