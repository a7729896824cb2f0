/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request.h"
#include "protocol/rpc.h"

/* ping and health are the agent's own (behaviour 6.1, 6.2). TRUE when answered. */
gboolean bfy_health_answer (BfyRequest *request, const BfyRpc *rpc);
