/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/oauth/alive.h"

/* A conversation with the server of a binding, by requests of the agent's own: initialize,
 * notifications/initialized, tools/list page by page, or what stands for it since 2026-07-28. */
typedef struct _BfyTalk BfyTalk;
typedef void (*BfyTalkFunc) (BfyTalk *talk, gpointer user_data);

BfyTalk *bfy_talk_new (BfyAgent *agent, BfyBinding *binding);
/* Calls off what is under way; may be called from a BfyTalkFunc. */
void bfy_talk_free (BfyTalk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyTalk, bfy_talk_free)

/* @done: there is no more to be said. Perhaps called at once. */
void bfy_talk_begin (BfyTalk *self, BfyTalkFunc done, gpointer user_data);
/* Ends the session, if there is one. Once the talk is done, or has been given up. */
void bfy_talk_part (BfyTalk *self, BfyTalkFunc done, gpointer user_data);

const BfyAliveFacts *bfy_talk_get_facts (const BfyTalk *self);
/* (nullable) what the agent said in the server's place. */
const GError *bfy_talk_get_refusal (const BfyTalk *self);
/* (nullable) as the server calls itself. */
const char *bfy_talk_get_server (const BfyTalk *self);
/* (nullable) of MCP, agreed on. */
const char *bfy_talk_get_version (const BfyTalk *self);
/* -1 when not told. */
gint64 bfy_talk_n_tools (const BfyTalk *self);
/* By the answer to the first question: perhaps it has only the transport of 2024-11-05 (mcp.md
 * A.2). */
gboolean bfy_talk_may_be_old (const BfyTalk *self);
