/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/oauth/alive.h"
#include "agent/oauth/keep-alive.h"
#include "protocol/json.h"

/* What follows from a conversation with a server: the event, the state of the binding, the answer
 * to whoever asked. Everything is borrowed. */
typedef struct
{
  const BfyAliveFacts *facts;
  const GError *refusal; /* (nullable) of the agent, in the server's place */
  const char *server;    /* (nullable) as it came */
  const char *version;   /* (nullable) */
  gint64 n_tools;        /* -1 when not told */
  gint64 duration_ms;
} BfyAliveTalk;

/* NULL with an error unless the server is alive. (transfer full) */
BfyAlive *bfy_alive_outcome_take (BfyAgent *agent,
                                  BfyBinding *binding,
                                  BfyRequest *asked_by,
                                  const BfyAliveTalk *talk,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The error that a refusal of the agent, a message of JSON-RPC, stands for; NULL when it says no
 * reason, as an agent that stands for a local server does. (transfer full) */
GError *bfy_alive_outcome_read_refusal (const BfyJsonSlice *message);
