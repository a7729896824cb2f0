/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* Whether a request is judged by its body, or a person by it, so that it must be there as a whole
 * before any of it goes up. All others pass on a large body as it comes. */
gboolean bfy_http_needs_body (BfyAgent *agent, BfyRequest *request, const BfyBinding *binding);
/* /http/NAME/rest: a request for a REST service. The same gates as for MCP (agent/proxy/checks.h),
 * and the same way up and down (agent/proxy/exchange.h); what differs are the headers that pass
 * (headers.h), and that answers are the service's own, whatever their status. Refusals are plain
 * errors with their own status. */
void bfy_http_serve (BfyAgent *agent, BfyRequest *request);
