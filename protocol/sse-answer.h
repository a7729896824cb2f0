/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/rpc.h"

/* The answer to a POST of MCP as events of a stream whose head has gone out before the answer was
 * known. A JSON body becomes one event, on one line. A stream is passed on. Anything else, which
 * only the status could have explained, becomes a JSON-RPC error with the id of the request, so
 * that nobody waits for an answer that does not come. Incremental: what is longer than
 * BFY_SSE_ANSWER_CHECKED_BYTES_MAX is passed on as it comes, without a look at whether it is a
 * message. */
#define BFY_SSE_ANSWER_CHECKED_BYTES_MAX (64 * 1024)

typedef struct _BfySseAnswer BfySseAnswer;

/* @rpc: (transfer full) what is answered. @has_session: a 404 may mean that it has ended. */
BfySseAnswer *bfy_sse_answer_new (BfyRpc *rpc, gboolean has_session);
void bfy_sse_answer_free (BfySseAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySseAnswer, bfy_sse_answer_free)

/* Its head, first and once. @content_type: (nullable) without parameters. */
void bfy_sse_answer_begin (BfySseAnswer *self, guint status, const char *content_type);
/* Part of its body; what is to go out is appended to @out. */
void bfy_sse_answer_feed (BfySseAnswer *self, const char *bytes, gsize length, GString *out);
/* All of it has come. */
void bfy_sse_answer_end (BfySseAnswer *self, GString *out);
