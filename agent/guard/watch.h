/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/leak-set.h"

/* What goes down to a client is searched for secrets, wherever it comes from: relayed bodies,
 * events, headers, lines of local servers, refusals that repeat what somebody else has said. Each
 * secret is overwritten with as many '*', so that lengths and JSON stay as they are, and the event
 * `security_violation` says whose it was. It is done where answers leave (BfyRequestFilter), so
 * that nothing can be forgotten.
 *
 * The end of a piece that may be the beginning of a secret waits for the next piece, and nothing
 * else does. No secret begins with a line end, so an event is never held back at its end. */

/* From now on, and for the secrets of now even when they are renewed meanwhile. */
void bfy_watch_request (BfyAgent *agent, BfyRequest *request);
/* For the credential of a sealed binding, too, which the agent knows only now. */
void bfy_watch_sealed (BfyAgent *agent,
                       BfyRequest *request,
                       const BfyBinding *binding,
                       const BfyCredential *credential);
/* Whether there is one in a header that goes no further than to us; it is reported as any other. */
gboolean bfy_watch_finds (BfyRequest *request, const char *text);
/* Borrowed; NULL without one. */
BfyLeakSet *bfy_watch_peek_sealed (BfyRequest *request);
