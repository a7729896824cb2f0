/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/era.h"
#include "protocol/rpc.h"

/* Clients of the old era at the endpoint for all. It needs no session for lists and calls, so there
 * is none: what they ask is asked of the bindings in the new era, and the answers have all that
 * they look for. What only a session can carry, requests of a server to its client, is not
 * offered. */

/* Takes over @rpc (nullable). */
void bfy_all_serve_legacy (BfyAgent *agent, BfyRequest *request, BfyRpc *rpc);

BfyEra bfy_all_era_of (const BfyRpc *rpc);
/* A request (transfer full) with what the new era wants in params._meta, if it is not there.
 * (transfer full) */
GBytes *bfy_all_modernize (GBytes *request);
