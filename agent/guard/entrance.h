/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/rpc.h"

/* What comes up from a client is searched for secrets. One of a binding must not go anywhere else,
 * and has not come from us when it goes to where it belongs; a client key belongs to nobody but us
 * (J05); a decoy belongs nowhere. Nothing of such a request is sent, and people hear of it. */

/* Whether the head of a request may be looked at further; it does not matter what it is for. A
 * decoy in it makes it one that there is nothing for. */
gboolean bfy_entrance_admit_head (BfyAgent *agent, BfyRequest *request);
/* The same for a body that goes no further than to us. */
gboolean bfy_entrance_admit_body (BfyAgent *agent, BfyRequest *request);
/* All of a request that is for @binding. FALSE: it has been refused. */
gboolean bfy_entrance_admit (BfyAgent *agent,
                             BfyRequest *request,
                             const BfyBinding *binding,
                             const BfyRpc *rpc);
/* Of a body that goes up as it comes (agent/proxy/upload.h): tells people what was found, and
 * returns the text for the client. (transfer full) */
char *
bfy_entrance_report (BfyAgent *agent, BfyRequest *request, const BfyBinding *binding, guint tag);
char *bfy_entrance_report_key (BfyAgent *agent, BfyRequest *request, const BfyBinding *binding);
/* The same with the credential of a sealed binding, once that is open (agent/guard/watch.h). */
gboolean bfy_entrance_admit_sealed (BfyAgent *agent,
                                    BfyRequest *request,
                                    const BfyBinding *binding,
                                    const BfyRpc *rpc);
