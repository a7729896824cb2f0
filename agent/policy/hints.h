/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/list-view.h"

/* What the servers behind bindings say of their tools (ToolAnnotations of MCP), remembered from the
 * lists that pass by: a call itself says nothing of it. It comes from the party that is to be
 * watched, so it only ever adds: a tool that was once said to write or to destroy stays one, until
 * the binding leads elsewhere. In memory; before the first list the name and the catalogue decide
 * alone, as they do for a server that says nothing. */
#define BFY_HINTS_TOOLS_MAX 4096 /* of one binding; those behind them are judged by name */
#define BFY_HINTS_NAME_BYTES_MAX 256

typedef struct _BfyHints BfyHints;

/* Forgets what a binding's server said when the binding goes or leads to another server. */
BfyHints *bfy_hints_new (BfyRegistry *registry);
void bfy_hints_free (BfyHints *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyHints, bfy_hints_free)

/* @tools: the array of a tools/list result, checked JSON. */
void bfy_hints_learn (BfyHints *self, const char *binding_id, const BfyJsonSlice *tools);
/* (element-type utf8 BfyToolHints) Borrowed; later lists are added to the same table. */
GHashTable *bfy_hints_get (BfyHints *self, const char *binding_id);

/* How the lists of @binding are shown and learnt from. @place: where that is kept; both must
 * outlive what is made with it. */
typedef struct
{
  BfyAgent *agent;           /* borrowed */
  const BfyBinding *binding; /* borrowed */
} BfyHintsPlace;

BfyListViewSetup bfy_hints_list_setup (BfyHintsPlace *place);
/* bfy_list_view_is_needed() for @binding, without looking where there is nothing to look at. */
gboolean bfy_hints_view_is_needed (const BfyBinding *binding, const BfyRpc *rpc);

/* What decisions about @binding go by. Borrowed, until the main loop runs again. */
BfyPolicyFacts bfy_hints_facts (BfyAgent *agent, const BfyBinding *binding);
