/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/transfer.h"

/* The transport of 2024-11-05 as a client speaks it with the agent: one event stream on which
 * everything comes, and POSTs to the endpoint that it names first (mcp.md A.2). For servers that
 * have nothing newer, which shows when `initialize` is posted to them. Callbacks as in
 * BfyTransfer. */
typedef struct _BfySseChannel BfySseChannel;

typedef struct
{
  /* The endpoint is known. */
  void (*on_open) (BfySseChannel *channel, gpointer user_data);
  /* One text that should be JSON. */
  void (*on_text) (BfySseChannel *channel, const char *text, gsize length, gpointer user_data);
  /* The last call: the stream has ended, or there is none. @error is NULL when the other side ended
   * it properly. The channel may be freed in it. */
  void (*on_end) (BfySseChannel *channel, const GError *error, gpointer user_data);
} BfySseChannelEvents;

/* Whether the answer to `initialize` is one after which this transport is to be tried: 400, 404 or
 * 405 of the server, not of the agent, and no error of 2026-07-28. @text (nullable): its body. */
gboolean bfy_sse_channel_may_help (const BfyTransfer *transfer, const char *text, gsize length);

BfySseChannel *bfy_sse_channel_new (BfyRemote *remote,
                                    const char *binding,
                                    const BfySseChannelEvents *events,
                                    gpointer user_data);
/* Closes the stream; no callback follows. */
void bfy_sse_channel_free (BfySseChannel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySseChannel, bfy_sse_channel_free)

/* The same, but on_end() still comes, with BFY_ERROR_CANCELLED. */
void bfy_sse_channel_abort (BfySseChannel *self);

/* From on_open() to on_end(). */
gboolean bfy_sse_channel_is_open (const BfySseChannel *self);
/* A POST of one JSON text to the endpoint, also when the stream has ended meanwhile: then the agent
 * says so. */
SoupMessage *bfy_sse_channel_new_post (BfySseChannel *self, GBytes *body);
void bfy_sse_channel_set_held (BfySseChannel *self, gboolean is_held);
/* (nullable) What came in place of a stream. */
const char *bfy_sse_channel_get_refusal (const BfySseChannel *self);
