/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* How people learn that a secret was where it does not belong: an event `security_violation`, which
 * says whose it is and where, and nothing of the secret itself (behaviour 21.9). */

/* In an answer, where it has been masked; @where: "body", "header". */
void bfy_alarm_leak (BfyAgent *agent, BfyRequest *request, guint tag, const char *where);
/* In a request, which is stopped. @binding (nullable): the one that it was for. */
void bfy_alarm_stray (
    BfyAgent *agent, BfyRequest *request, const BfyBinding *binding, guint tag, const char *where);
/* A client's own key in what it sends up, which is stopped. */
void bfy_alarm_key (BfyAgent *agent, BfyRequest *request, const BfyBinding *binding);
