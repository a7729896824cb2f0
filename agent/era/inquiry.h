/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/json.h"
#include "protocol/rpc.h"

/* A request that the bridge between the eras makes, by way of an inner request: so it passes every
 * check, gets its credential and its event like one of a client. The answer comes as messages,
 * whether it was JSON or an event stream. */
typedef struct _BfyInquiry BfyInquiry;

typedef struct
{
  const BfyRpcMessage *rpc;
  BfyJsonSlice root;
} BfyInquiryMessage;

typedef struct
{
  /* (nullable) The inquiry may be freed in here, and in done. */
  void (*message) (BfyInquiry *self, const BfyInquiryMessage *message, gpointer user_data);
  /* The last call: all has come, or it has been broken off. */
  void (*done) (BfyInquiry *self, gpointer user_data);
} BfyInquiryEvents;

typedef struct
{
  const char *method; /* of HTTP */
  const char *name;   /* of the binding */
  char *body;         /* (transfer full) (nullable) text */
} BfyInquirySetup;

/* @caller: (nullable) on whose behalf; NULL: the agent's own, see bfy_request_new_inner(). */
BfyInquiry *bfy_inquiry_new (BfyAgent *agent,
                             BfyRequest *caller,
                             const BfyInquirySetup *setup,
                             const BfyInquiryEvents *events,
                             gpointer user_data);
/* @value: (nullable) NULL adds nothing. */
void bfy_inquiry_add_header (BfyInquiry *self, const char *name, const char *value);
/* Its events may be called at once. */
void bfy_inquiry_begin (BfyInquiry *self);
/* Calls the request off if it is not done. No further call. */
void bfy_inquiry_free (BfyInquiry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyInquiry, bfy_inquiry_free)

/* 0 before the head. */
guint bfy_inquiry_get_status (BfyInquiry *self);
/* What the server answered, even when the agent put a refusal of its own in its place; 0 when the
 * server has said nothing. */
guint bfy_inquiry_get_upstream_status (BfyInquiry *self);
/* The answer is one of the agent, not of the server. */
gboolean bfy_inquiry_is_of_agent (BfyInquiry *self);
gboolean bfy_inquiry_is_event_stream (BfyInquiry *self);
/* (nullable) the header Mcp-Session-Id of the answer. */
const char *bfy_inquiry_get_session_id (BfyInquiry *self);
/* (nullable) of the last event that had one. */
const char *bfy_inquiry_get_event_id (BfyInquiry *self);
/* What the stream asked to wait before the next GET; -1 when it did not say. */
gint64 bfy_inquiry_get_retry_ms (BfyInquiry *self);
/* What came when it was no event stream. Borrowed. */
const char *bfy_inquiry_get_body (BfyInquiry *self, gsize *length);
