/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/era/client-session.h"

/* The GET stream of a legacy client: what a modern server tells those who listen. */
typedef struct _BfyClientStream BfyClientStream;

/* Begins the answer to the client's GET; bfy_client_stream_update() then listens. */
BfyClientStream *bfy_client_stream_new (BfyClientSession *session, BfyRequest *request);
void bfy_client_stream_free (BfyClientStream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyClientStream, bfy_client_stream_free)
/* Listens for what the session wants now, in place of what it wanted before. */
void bfy_client_stream_update (BfyClientStream *self);

/* The session's part: what to listen for, raw, or NULL for nothing; and the client has gone. */
char *bfy_client_session_format_filter (BfyClientSession *self);
void bfy_client_session_drop_stream (BfyClientSession *self);
