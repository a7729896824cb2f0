/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/json.h"
#include "protocol/rpc.h"

/* A request that the bridge between the eras makes, by way of an inner request: so it passes every
 * check, gets its credential and its event like one of a client. The answer comes as messages,
 * whether it was JSON or an event stream. */
typedef struct _BfyFetch BfyFetch;

typedef struct
{
  const BfyRpcMessage *rpc;
  BfyJsonSlice root;
} BfyFetchMessage;

typedef struct
{
  /* (nullable) The fetch may be freed in here, and in done. */
  void (*message) (BfyFetch *self, const BfyFetchMessage *message, gpointer user_data);
  /* The last call: all has come, or it has been broken off. */
  void (*done) (BfyFetch *self, gpointer user_data);
} BfyFetchEvents;

typedef struct
{
  const char *method; /* of HTTP */
  const char *name;   /* of the binding */
  char *body;         /* (transfer full) (nullable) text */
} BfyFetchSetup;

/* @caller: (nullable) on whose behalf; NULL: the agent's own, see bfy_request_new_inner(). */
BfyFetch *bfy_fetch_new (BfyAgent *agent,
                         BfyRequest *caller,
                         const BfyFetchSetup *setup,
                         const BfyFetchEvents *events,
                         gpointer user_data);
/* @value: (nullable) NULL adds nothing. */
void bfy_fetch_add_header (BfyFetch *self, const char *name, const char *value);
/* Its events may be called at once. */
void bfy_fetch_begin (BfyFetch *self);
/* Calls the request off if it is not done. No further call. */
void bfy_fetch_free (BfyFetch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyFetch, bfy_fetch_free)

/* 0 before the head. */
guint bfy_fetch_get_status (BfyFetch *self);
/* What the server answered, even when the agent put a refusal of its own in its place; 0 when the
 * server has said nothing. */
guint bfy_fetch_get_upstream_status (BfyFetch *self);
/* The answer is one of the agent, not of the server. */
gboolean bfy_fetch_is_of_agent (BfyFetch *self);
gboolean bfy_fetch_is_event_stream (BfyFetch *self);
/* (nullable) the header Mcp-Session-Id of the answer. */
const char *bfy_fetch_get_session_id (BfyFetch *self);
/* (nullable) of the last event that had one. */
const char *bfy_fetch_get_event_id (BfyFetch *self);
/* What the stream asked to wait before the next GET; -1 when it did not say. */
gint64 bfy_fetch_get_retry_ms (BfyFetch *self);
/* What came when it was no event stream. Borrowed. */
const char *bfy_fetch_get_body (BfyFetch *self, gsize *length);
