/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/sse.h"

/* Cuts a text/event-stream into its events without changing a byte of it, for those who pass a
 * stream on but for some of its events. What has been handed out always ends where something else
 * may be put in. Comments between events come by themselves as soon as their line is there; an
 * event comes when it is complete. */
typedef struct _BfySseCutter BfySseCutter;

/* @bytes is the piece, @event (nullable) what it says, NULL for comments and blank lines. All of it
 * is borrowed for the call, which must neither feed nor free the cutter. The pieces are together
 * what was fed, but for an event that the end cut off. */
typedef void (*BfySseCutterFunc) (const char *bytes,
                                  gsize length,
                                  const BfySseEvent *event,
                                  gpointer user_data);

/* @event_bytes_max: of a piece. */
BfySseCutter *bfy_sse_cutter_new (gsize event_bytes_max, BfySseCutterFunc func, gpointer user_data);
void bfy_sse_cutter_free (BfySseCutter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySseCutter, bfy_sse_cutter_free)

/* BFY_ERROR_RESPONSE_TOO_LARGE when a piece exceeds the limit; the cutter is dead afterwards. */
gboolean bfy_sse_cutter_feed (BfySseCutter *self, const char *bytes, gsize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
