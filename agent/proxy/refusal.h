/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request.h"
#include "protocol/binding.h"
#include "protocol/rpc.h"

/* The refusal rule (behaviour 4): an authenticated MCP caller gets HTTP 200 and a JSON-RPC error
 * with the id of its request, because that is what clients show well. A refused notification is 202
 * and dropped, a refused GET or DELETE 405 (behaviour 4.1); what is the upstream's or the client's
 * own fault keeps its status. */

/* @rpc: the parsed body, or NULL when there is none or it could not be parsed. @message is shown to
 * a person. */
void bfy_refuse (BfyRequest *request, const BfyRpc *rpc, BfyErrorCode code, const char *message);

/* Of an array, each request gets its error, so that nobody waits for the others. */
void bfy_refuse_each (BfyRequest *request, const BfyRpc *rpc, BfyErrorCode code, const char *text);

/* An answer of ours, JSON-RPC text: where the client waits for it, which is 200 on this request or,
 * with the transport of 2024-11-05, its stream and 202. */
void bfy_answer (BfyRequest *request, const char *body);

/* What to say of a paused binding. Free with g_free(). */
char *bfy_refusal_format_paused (const BfyBinding *binding);
/* Whether a change of the record was the end of its credential, and what to say of it. */
gboolean bfy_refusal_is_logged_out (const BfyBinding *old, const BfyBinding *now);
char *bfy_refusal_format_logged_out (const BfyBinding *binding);

/* The id to answer with: of a single request, else NULL for null. Borrowed. */
const char *bfy_refusal_id (const BfyRpc *rpc);
