/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* One stream on which a client of the endpoint for all learns what changes: the lists, when a
 * binding comes, goes, changes or gets into another state, when the client's rights change, and
 * when a binding's server says so; and those resources and tasks it asked about. A binding is
 * listened to only as long as its server has something to tell. */

#define BFY_ALL_BEAT_S 25  /* between signs of life */
#define BFY_ALL_REOPEN_S 2 /* after a server ended its stream; longer each time, up to */
#define BFY_ALL_REOPEN_MAX_S 300

/* For subscriptions/listen; @id: raw token. */
void bfy_all_listen (BfyAgent *agent, BfyRequest *request, const char *id);
