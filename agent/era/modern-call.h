/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/era/server-session.h"

/* A request of a modern client that a legacy server works on. When the server asks something
 * meanwhile, the client gets an input_required result and the call waits, with the server's answer
 * still open, for the request that brings the input. */

/* Takes over the request. @original: (nullable) (transfer full). */
void bfy_modern_call_begin (BfyServerSession *session,
                            const BfyEraTarget *target,
                            BfyRequest *request,
                            const BfyRpcMessage *message,
                            BfyOriginal *original);
/* The retry that brings the input. FALSE when no call of this client waits for it. */
gboolean bfy_modern_call_resume (BfyEras *eras,
                                 BfyRequest *request,
                                 const BfyEraTarget *target,
                                 const BfyRpcMessage *message,
                                 const BfyJsonSlice *root);
void bfy_modern_call_free (BfyModernCall *self);
/* NULL is any. */
gboolean bfy_modern_call_is_of (BfyModernCall *self, const char *binding_id, const char *client_id);

/* What the server says on a stream that belongs to no call. */
gboolean bfy_modern_call_may_ask (BfyModernCall *self);
void bfy_modern_call_take (BfyModernCall *self, const BfyInquiryMessage *message);
gboolean bfy_modern_call_has_token (BfyModernCall *self, const BfyJsonSlice *token);
