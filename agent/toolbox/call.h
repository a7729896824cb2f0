/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/toolbox/toolbox.h"

/* One MCP request to a toolbox, from its admission to its answer. */
typedef struct
{
  BfyAgent *agent;            /* borrowed */
  BfyRequest *request;        /* (owned) */
  BfyBinding *binding;        /* (owned) */
  BfyRpc *rpc;                /* (owned) one request */
  BfyEra era;                 /* legacy or modern */
  const BfyToolboxKind *kind; /* of the binding */
  BfyEvent *event;            /* (owned) (nullable) until it is recorded, or somebody else does */
  gint64 begun_us;
} BfyToolboxCall;

/* Takes over @rpc. It frees itself when it is finished. */
BfyToolboxCall *bfy_toolbox_call_new (
    BfyAgent *agent, BfyRequest *request, BfyBinding *binding, BfyRpc *rpc, BfyEra era);
const BfyRpcMessage *bfy_toolbox_message (const BfyToolboxCall *call);

/* tools/list and tools/call: they answer and finish. */
void bfy_toolbox_list (BfyToolboxCall *call);
void bfy_toolbox_call (BfyToolboxCall *call);

/* The end. @code: BFY_N_ERRORS when nothing went wrong. */
void bfy_toolbox_finish (BfyToolboxCall *call, BfyErrorCode code);
