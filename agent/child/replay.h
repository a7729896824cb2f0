/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What the streams of one session have carried last, for a client that lost its connection and
 * comes back with Last-Event-ID (mcp.md A.5). Every event has an id, "STREAM-NUMBER"; numbers grow
 * over all streams. Pure. */
typedef struct _BfyReplay BfyReplay;

#define BFY_REPLAY_EVENTS_MAX 64
#define BFY_REPLAY_BYTES_MAX (1024 * 1024)

BfyReplay *bfy_replay_new (void);
void bfy_replay_free (BfyReplay *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyReplay, bfy_replay_free)

/* Keeps a copy, at the cost of the oldest ones. @json may be NULL: an event without data. Returns
 * its id; free with g_free(). */
char *bfy_replay_add (BfyReplay *self, guint64 stream, const char *json, gsize length);

/* FALSE for an id that was never given. */
gboolean bfy_replay_parse_id (const char *id, guint64 *stream, guint64 *number);

typedef void (*BfyReplayFunc) (const char *id, const char *json, gsize length, gpointer user_data);

/* What that stream has carried after @number and is still here, oldest first. */
void bfy_replay_foreach_after (
    BfyReplay *self, guint64 stream, guint64 number, BfyReplayFunc func, gpointer user_data);
