/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/rpc.h"

/* Which bindings are being used at this moment: from when a message has been let through until its
 * answer is complete, however long that streams. A stream that a client only listens on is no use
 * by itself, or every connected client would count for ever.
 *
 * Signal: changed (): the first use of a binding has begun, or its last one has ended. */
#define BFY_TYPE_USES (bfy_uses_get_type ())
G_DECLARE_FINAL_TYPE (BfyUses, bfy_uses, BFY, USES, GObject)

BfyUses *bfy_uses_new (void);
/* @request is one use of @binding until it is over. @rpc: (nullable) what it says. */
void
bfy_uses_note (BfyUses *self, BfyRequest *request, const BfyBinding *binding, const BfyRpc *rpc);
/* (transfer full) Names of the bindings in use, sorted. */
GStrv bfy_uses_list (BfyUses *self, BfyRegistry *registry);
