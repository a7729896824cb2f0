/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/store/store.h"

/* Where somebody who watches events begins. */
typedef enum
{
  BFY_FOLLOW_FROM_NOW,
  BFY_FOLLOW_FROM_NEWEST, /* with the newest ones that the filter asks for */
  BFY_FOLLOW_FROM_AFTER,  /* with all that came after filter->after: nothing is missed */
} BfyFollowFrom;

typedef struct
{
  const BfyEventFilter *filter;
  BfyFollowFrom from;
  gboolean tells_uses; /* which bindings are in use, too */
} BfyFollowWish;

/* Answers with text/event-stream: each event as "id" (its number) and "data", and at last an event
 * "dropped" when they were not read as fast as they came. Nobody waits for a slow reader, and what
 * waits for one is bounded. While the agent is locked with a passphrase, only what happens to the
 * agent itself is told.
 *
 * Who wants it is told which bindings are in use (agent/uses.h), at once and when that changes, by
 * events "in_use" without a number. Short uses are seen, but not each of many: what is told holds
 * for a quarter of a second. */
#define BFY_FOLLOW_BYTES_MAX (256 * 1024)
void bfy_api_follow_events (BfyAgent *agent, BfyRequest *request, const BfyFollowWish *wish);

/* An event as text/event-stream has it. */
void bfy_follow_append_event (GString *text, const BfyEvent *event);
