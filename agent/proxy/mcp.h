/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* Serves an admitted request on /mcp/NAME whose body has been read: what the agent answers itself
 * (refusals, ping, health), everything else goes to the upstream. */
void bfy_mcp_serve (BfyAgent *agent, BfyRequest *request);
