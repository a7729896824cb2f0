/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/era.h"
#include "protocol/rpc.h"

/* Lets clients of one era of MCP use servers of the other. It stands above the ordinary way of a
 * request: what a client cannot say to a server is said by inner requests in the server's era, and
 * their answers are told to the client in its own. Servers that speak the client's era are never
 * touched; which era a server speaks is learned from what it answers, and forgotten when the
 * binding's address changes. */
typedef struct _BfyEras BfyEras;

#define BFY_ERAS_ASKING_MS (10 * 60 * 1000) /* how long a call waits for the input it asked for */
#define BFY_ERAS_IDLE_MS (30 * 60 * 1000)   /* after which an unused session ends */

BfyEras *bfy_eras_new (BfyAgent *agent, guint asking_ms, guint idle_ms);
void bfy_eras_free (BfyEras *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyEras, bfy_eras_free)

/* Ends every session and every call that is under way between the eras. */
void bfy_eras_drop_all (BfyEras *self);

/* A server as it is seen from here. Borrowed. */
typedef struct
{
  const char *id;      /* of the binding */
  const char *name;    /* in its route */
  const char *address; /* what was learned holds for this one: URL or command */
  gboolean is_modern;  /* known from the start to speak 2026-07-28 only */
} BfyEraTarget;

/* TRUE when it has taken the request over. @rpc: (nullable) */
gboolean bfy_eras_serve (
    BfyEras *self, BfyRequest *request, const BfyEraTarget *target, const BfyRpc *rpc, BfyEra era);
/* For a binding. */
gboolean bfy_eras_serve_binding (
    BfyEras *self, BfyRequest *request, const BfyBinding *binding, const BfyRpc *rpc, BfyEra era);

/* Whether the session of that id was begun here, by a legacy client with a modern server. */
gboolean bfy_eras_knows_session (BfyEras *self,
                                 const char *binding_id,
                                 const char *client_id,
                                 const char *session_id);
