/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/era/server-session.h"

/* The GET stream of a server session: what a legacy server says by itself. Opened again when it
 * ends, until the server says that it has none. */
typedef struct _BfyServerStream BfyServerStream;

BfyServerStream *bfy_server_stream_new (BfyServerSession *session, BfyRequest *caller);
void bfy_server_stream_free (BfyServerStream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyServerStream, bfy_server_stream_free)
void bfy_server_stream_open (BfyServerStream *self);

/* The session's part: what came on it. */
void bfy_server_session_take (BfyServerSession *self, const BfyInquiryMessage *message);
