/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/era.h"
#include "protocol/rpc.h"

/* /mcp/~all: one MCP server that offers what all bindings offer which its caller may use. It speaks
 * 2026-07-28 to the bindings, by requests from inside (agent/all/ask.h), so that rights, policy,
 * credential, limits and events are those of /mcp/NAME. Clients of the old era are served, too, as
 * far as it goes without a session. */
typedef struct _BfyAll BfyAll;

/* What is remembered between requests: which bindings were slow, what shortened names stand for,
 * and who listens for changes. */
BfyAll *bfy_all_new (BfyAgent *agent);
void bfy_all_free (BfyAll *self);

gboolean bfy_all_is_meant (BfyRequest *request);
/* Among the bindings of the caller is one that opens with its key only. */
gboolean bfy_all_needs_proof (BfyAgent *agent, BfyRequest *request);
/* Takes over @rpc (nullable: GET and DELETE). */
void bfy_all_serve (BfyAgent *agent, BfyRequest *request, BfyRpc *rpc, BfyEra era);

/* Those that the caller may use and that speak MCP, by name. (transfer container) (element-type
 * BfyBinding) */
GPtrArray *bfy_all_bindings (BfyAgent *agent, BfyRequest *request);
/* Of these, the one with this prefix; NULL: none. (transfer full) */
BfyBinding *bfy_all_find (BfyAgent *agent, BfyRequest *request, const char *prefix);

void bfy_all_set_slow (BfyAll *self, const BfyBinding *binding, gboolean is_slow);
gboolean bfy_all_is_slow (BfyAll *self, const BfyBinding *binding);
/* Its keyring is locked: when another binding's turns out to be open, this one's is, too. */
void bfy_all_note_locked (BfyAll *self, const BfyBinding *binding);
/* Grows whenever bindings that were noted can be used again. */
guint bfy_all_n_unlocked (BfyAll *self);
/* What a shortened name stands for; borrowed, NULL when it is not known. */
const char *bfy_all_recall (BfyAll *self, const BfyBinding *binding, const char *shown);
void
bfy_all_remember (BfyAll *self, const BfyBinding *binding, const char *shown, const char *name);

/* {"jsonrpc":"2.0","id":1,"method":METHOD,"params":{"_meta":META,"cursor":CURSOR}} with raw @meta
 * and @cursor (nullable). */
GBytes *bfy_all_format_request (const char *method, const char *meta, const char *cursor);
/* The params._meta of @request's message. Free with g_free(). */
char *bfy_all_dup_meta (BfyRequest *request);
/* An error in the protocol's own codes. */
void
bfy_all_refuse (BfyRequest *request, guint status, const char *id, int code, const char *message);

#define BFY_ALL_CODE_NO_METHOD (-32601)
#define BFY_ALL_CODE_BAD_PARAMS (-32602)
