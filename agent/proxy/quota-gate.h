/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/rpc.h"

/* The one place where a binding's limits are held against a request, for remote servers and local
 * ones alike. A request counts once: what the agent asks itself to answer it (the other era of MCP)
 * is part of it, and what the agent asks for its own sake is nobody's use. An inner request of the
 * endpoint for all counts for the binding that it goes to.
 *
 * Each request and notification counts, also within an array; the client's answers to a server do
 * not. Requests count as concurrent until they are answered or their client has gone. An event
 * stream counts as one request and never as concurrent; its bytes count as they come. What has
 * begun is never cut off by a limit. */

/* FALSE after having refused it. @rpc: NULL for GET and DELETE. */
gboolean
bfy_quota_gate_admit (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, const BfyRpc *rpc);
/* Something that was asked after the limits has refused it, before anything of it left. */
void bfy_quota_gate_withdraw (BfyRequest *request);
/* It has to wait, keeps nothing busy meanwhile, and will be held against the limits again. */
void bfy_quota_gate_postpone (BfyRequest *request);
/* Something that was asked before the limits has refused it. */
void bfy_quota_gate_note_refused (BfyAgent *agent,
                                  BfyRequest *request,
                                  const BfyBinding *binding,
                                  const BfyRpc *rpc);
/* Of a body that goes up as it comes, and whose length was not known before. */
void bfy_quota_gate_note_piece (BfyRequest *request, gsize n_bytes);
/* How it ended, for the counts; may be told after the request is over. */
void bfy_quota_gate_judge (BfyRequest *request, BfyOutcome outcome);
