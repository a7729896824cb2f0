/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/child/local.h"
#include "protocol/rpc.h"

/* One request in a POST, from the client to a local server and back: as JSON when the answer comes
 * first, as an event stream when anything precedes it or it takes its time. Frees itself. */

#define BFY_POST_PATIENCE_MS                                                                       \
  10000 /* of silence; then the head goes out, so that nobody gives up                             \
         */

typedef enum
{
  BFY_POST_INITIALIZE, /* makes a session */
  BFY_POST_LEGACY,     /* in a session */
  BFY_POST_MODERN,
} BfyPostKind;

/* @session: for BFY_POST_LEGACY. Takes over @rpc. */
void bfy_post_begin (
    BfyLocal *local, BfyRequest *request, BfyPostKind kind, BfySession *session, BfyRpc *rpc);

/* Who is asking, as sessions remember it: the client's id, or NULL for a local process. */
const char *bfy_post_owner (BfyRequest *request);
/* An answer in the protocol's own codes. @id: raw token, NULL for null; @data: raw JSON or NULL. */
void bfy_post_refuse (BfyRequest *request,
                      guint status,
                      const char *id,
                      int code,
                      const char *message,
                      const char *data);
