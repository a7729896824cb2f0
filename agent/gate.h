/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* Who may ask for what: the first thing that happens to every request, on its head alone
 * (behaviour 2, 3, 5; mcp.md's table of answers). */
void bfy_gate_admit (BfyAgent *agent, BfyRequest *request);

/* The binding that the admitted request is for, or NULL when it is to be answered with the one
 * identical "not found" of behaviour 3.3. Borrowed. */
BfyBinding *bfy_gate_find_binding (BfyAgent *agent, BfyRequest *request);
/* The same for the endpoint for all bindings: whether its caller is known. */
gboolean bfy_gate_admits_all (BfyAgent *agent, BfyRequest *request);
