/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/all/translate.h"

/* The same question to all bindings at once: lists are put together, and what a server is at all is
 * told for all of them. A binding that fails or takes too long spoils nothing: it is left out, and
 * the answer says so. No keyring is asked open for it. */

/* For each binding; one that was too slow the last time is waited for a shorter time. */
#define BFY_ALL_LIST_MS 10000
#define BFY_ALL_DISCOVER_MS 3000
#define BFY_ALL_SLOW_MS 1000
/* Of one binding's list. */
#define BFY_ALL_PAGES_MAX 100
#define BFY_ALL_LIST_BYTES_MAX (8 * 1024 * 1024)
#define BFY_ALL_INSTRUCTIONS_BYTES_MAX (16 * 1024)

/* @id: raw token. @meta: raw, the params._meta of a modern request. They free themselves. */
void bfy_all_gather_list (
    BfyAgent *agent, BfyRequest *request, const BfyAllList *list, const char *id, const char *meta);
/* What kind of server this is. */
void
bfy_all_gather_discover (BfyAgent *agent, BfyRequest *request, const char *id, const char *meta);
