/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/proxy/postboxes.h"
#include "protocol/rpc.h"

/* The paths of the transport of 2024-11-05: /mcp/NAME[/KEY86]/sse and …/messages (behaviour 2.4).
 * Which transport a binding has is the upstream's business: it shows when its stream opens. */

/* TRUE when the request was answered; else it goes the way of all requests, with answers of ours
 * going to the stream that it belongs to. @binding, @rpc: (nullable) */
gboolean bfy_old_transport_serve (BfyAgent *agent,
                                  BfyRequest *request,
                                  const BfyBinding *binding,
                                  const BfyRpc *rpc);

/* …/messages, a request that must have a postbox; and …/sse, one that must be answered by an
 * `endpoint`. */
gboolean bfy_old_transport_is_post (BfyRequest *request);
gboolean bfy_old_transport_is_stream (BfyRequest *request);
/* The postbox of such a POST, borrowed, or NULL. */
BfyPostbox *
bfy_old_transport_find (BfyAgent *agent, BfyRequest *request, const BfyBinding *binding);

/* Says that the upstream does not have this transport. */
void bfy_old_transport_refuse (BfyRequest *request);
