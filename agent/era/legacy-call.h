/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/era/client-session.h"

/* A request of a legacy client that a modern server works on. When the result says that input is
 * required, the client is asked on the stream of its request, and the server called again with the
 * answers. */

#define BFY_LEGACY_ROUNDS_MAX 32 /* of one call */

BfyLegacyCall *
bfy_legacy_call_new (BfyClientSession *session, BfyRequest *request, const BfyRpcMessage *message);
void bfy_legacy_call_begin (BfyLegacyCall *self);
/* The session has ended. */
void bfy_legacy_call_free (BfyLegacyCall *self);
/* Called off by the client: its stream ends without a response. */
void bfy_legacy_call_cancel (BfyLegacyCall *self);
gboolean bfy_legacy_call_has_id (BfyLegacyCall *self, const BfyJsonSlice *id);
/* A response of the client. FALSE when this call has not asked for it. */
gboolean bfy_legacy_call_answer (BfyLegacyCall *self, const BfyInquiryMessage *response);
