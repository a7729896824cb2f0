/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* /http/NAME/rest: a request for a REST service. The same gates as for MCP (agent/proxy/checks.h),
 * and the same way up and down (agent/proxy/exchange.h); what differs are the headers that pass
 * (headers.h), and that answers are the service's own, whatever their status. Refusals are plain
 * errors with their own status. */
void bfy_http_serve (BfyAgent *agent, BfyRequest *request);
