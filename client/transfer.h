/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/remote.h"

/* One HTTP request of MCP and its answer: a POST or GET on /mcp/NAME and every message that comes
 * back on it, whether the answer is one JSON body or a stream of events (mcp.md A.1, A.8).
 * Callbacks run from the main context, never from within bfy_transfer_start(), and never after
 * bfy_transfer_cancel(). */
typedef struct _BfyTransfer BfyTransfer;

/* Longest body or event that is taken from the agent, in bytes; the agent's own limit per binding
 * is lower (behaviour 14.1). */
#define BFY_TRANSFER_BYTES_MAX (64 * 1024 * 1024)
/* And the longest line of application/x-ndjson, which only the control API sends. */
#define BFY_TRANSFER_LINE_BYTES_MAX (1024 * 1024)

typedef struct
{
  /* (nullable) Status and headers are there. */
  void (*on_head) (BfyTransfer *transfer, gpointer user_data);
  /* One text that should be JSON: the whole body, the data of one event, or one line of
   * application/x-ndjson. */
  void (*on_text) (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data);
  /* The last call. @error is NULL when the other side ended properly. The transfer may be
   * released in it. */
  void (*on_end) (BfyTransfer *transfer, const GError *error, gpointer user_data);
} BfyTransferEvents;

/* Sends @message, to which the caller has added its headers and body; takes a reference. Release
 * with bfy_transfer_unref(): that alone does not stop it, bfy_transfer_cancel() does. */
BfyTransfer *bfy_transfer_start (BfyRemote *remote,
                                 SoupMessage *message,
                                 const BfyTransferEvents *events,
                                 gpointer user_data);
/* Closes the HTTP request, which a modern server takes as the cancel. No callback follows. */
void bfy_transfer_cancel (BfyTransfer *self);
/* The same, but on_end() still comes, with BFY_ERROR_CANCELLED. */
void bfy_transfer_abort (BfyTransfer *self);
void bfy_transfer_unref (BfyTransfer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyTransfer, bfy_transfer_unref)

/* While held, nothing more is read from the agent: what it has to say waits in its socket. */
void bfy_transfer_set_held (BfyTransfer *self, gboolean is_held);

/* 0 before the head. */
guint bfy_transfer_get_status (const BfyTransfer *self);
/* (nullable) a response header. */
const char *bfy_transfer_get_header (const BfyTransfer *self, const char *name);
/* TRUE for text/event-stream. */
gboolean bfy_transfer_is_stream (const BfyTransfer *self);
/* While on_text() runs for an event: its type, "message" when it has none. Else NULL. */
const char *bfy_transfer_get_event_type (const BfyTransfer *self);
/* (nullable) The last event id of the stream, and the delay it asked for or -1. */
const char *bfy_transfer_get_last_event_id (const BfyTransfer *self);
gint64 bfy_transfer_get_retry_ms (const BfyTransfer *self);

/* A POST of one JSON text to /mcp/@binding with the headers that every MCP POST has. */
SoupMessage *bfy_transfer_new_post (BfyRemote *remote, const char *binding, GBytes *body);
/* The GET of the server's own stream, and the DELETE that ends a session. */
SoupMessage *bfy_transfer_new_get (BfyRemote *remote, const char *binding);
SoupMessage *bfy_transfer_new_delete (BfyRemote *remote, const char *binding);
