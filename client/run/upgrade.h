/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/run/request.h"

/* The way of a WebSocket (RFC 6455) from the proxy of a run to the agent: a request of HTTP/1.1
 * that is judged as others are, and when the agent has agreed, bytes both ways, at which nobody
 * looks. */

gboolean bfy_run_upgrade_is_asked (SoupServerMessage *message);
/* Answers @message, later. @request: what the agent is to get, as it was judged. */
void
bfy_run_upgrade_begin (const BfyRunPlace *place, SoupServerMessage *message, SoupMessage *request);
