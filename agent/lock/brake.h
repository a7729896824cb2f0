/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* Ends what is under way for clients: who has no answer yet is told BFY_ERROR_FROZEN and @text,
 * streams break off, and what was sent for them is cancelled, as if they had hung up. Local servers
 * end, with a credential or without. In the next turn of the main loop, when those who have been
 * refused otherwise have said so. */
void bfy_brake_pull (BfyAgent *agent, const char *static_text);
