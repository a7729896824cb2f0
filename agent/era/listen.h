/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/era/server-session.h"

/* subscriptions/listen of a modern client, in front of a legacy server: its answer stays open and
 * tells what the server's own stream tells, if the client asked for it. */
#define BFY_LISTENS_MAX 32 /* of one server session */

/* @original: (nullable) (transfer full). */
void bfy_listen_begin (BfyServerSession *session,
                       const BfyEraTarget *target,
                       BfyRequest *request,
                       const BfyRpcMessage *message,
                       BfyOriginal *original);
void bfy_listen_notify (BfyListen *self, const BfyInquiryMessage *message, const char *uri);
/* The session has ended: so does the stream. */
void bfy_listen_end (BfyListen *self);
