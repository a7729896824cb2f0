/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/rpc.h"

/* What a credential is limited to, whatever the policy of its binding says (constraints.h). Clients
 * are seen to by agent/gate.h, URLs where a request goes out.
 *
 * A limit by tools leaves nothing but these tools and what the protocol itself needs: handshake,
 * lists and the like. A use is what is not of that kind; each one is counted on the disk before it
 * goes on. FALSE when the request was answered; @rpc: (nullable) none has nothing to judge. */
gboolean bfy_condition_gate_admit (BfyAgent *agent,
                                   BfyRequest *request,
                                   BfyBinding *binding,
                                   const BfyRpc *rpc);
gboolean bfy_condition_gate_use (BfyAgent *agent,
                                 BfyRequest *request,
                                 BfyBinding *binding,
                                 const BfyRpc *rpc);

/* Whether @binding may be used for @request, and at @url (nullable) where it has gone: a person may
 * change that at any time. */
gboolean bfy_condition_gate_fits (const BfyBinding *binding, BfyRequest *request, const char *url);
