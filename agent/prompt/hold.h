/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request.h"
#include "protocol/rpc.h"

/* Keeps a client patient while its request waits for a person. One that takes event streams is sent
 * the head of one after BFY_HOLD_SILENT_MS, a comment every BFY_HOLD_BEAT_MS, and, when it asked to
 * hear of progress, notifications/progress; whatever is answered in the end goes out as an event of
 * that stream. One of 2024-11-05 is told that its message has been taken, and hears the rest on its
 * stream. One that does not take streams hears nothing, nor does one that waits for what only the
 * head of an answer can say: the session that initialize begins, the status that tells the eras
 * apart.
 *
 * What waits may be an inner request (agent/era, agent/all): it is the client at the end of the
 * line that is kept patient, and when that one goes, the inner request is broken off. */
#define BFY_HOLD_SILENT_MS 2000
#define BFY_HOLD_BEAT_MS 10000

typedef struct _BfyHold BfyHold;

/* @text: for people, goes with the progress. */
BfyHold *bfy_hold_new (BfyRequest *request, const char *text);
/* The request goes on or is refused. */
void bfy_hold_free (BfyHold *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyHold, bfy_hold_free)

/* Whether the client may be left waiting for longer: it hears of progress. Comments alone keep HTTP
 * patient, but libraries of MCP have a clock of their own, of a minute or so, which only progress
 * sets back. */
gboolean bfy_hold_keeps_alive (const BfyHold *self);

/* Others than those above. */
void bfy_hold_set_times (BfyHold *self, guint silent_ms, guint beat_ms);
