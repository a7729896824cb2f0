/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/toolbox/call.h"

#define BFY_TOOLBOX_BAD_PARAMS (-32602)
#define BFY_TOOLBOX_NO_METHOD (-32601)

/* Answers with @result (taken), in the form that its era wants, and finishes. */
void bfy_toolbox_reply (BfyToolboxCall *call, JsonObject *result);
/* The same with an error of JSON-RPC. */
void bfy_toolbox_reply_error (BfyToolboxCall *call, guint status, int code, const char *message);

/* The results of initialize and server/discover. (transfer full) */
JsonObject *bfy_toolbox_greeting (const BfyToolboxCall *call);
JsonObject *bfy_toolbox_discovery (const BfyToolboxCall *call);
