/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/rpc.h"

/* The ids of one local server (mcp.md A.9). Requests of many clients go down one pipe: each gets a
 * number of ours as id and progress token, and everything that comes back gets what the client had
 * written. All other bytes of a message stay as they are. Pure. */
typedef struct _BfyMux BfyMux;

/* @is_modern: the server speaks 2026-07-28 and has no requests of its own. */
BfyMux *bfy_mux_new (gboolean is_modern);
void bfy_mux_free (BfyMux *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyMux, bfy_mux_free)

/* Messages to the server are texts that passed bfy_rpc_parse(), one message each; what comes out
 * stands on one line, without its end. Free with g_free(). */

/* A request of @owner (not NULL). @number: what it is known by from now on. */
char *
bfy_mux_request (BfyMux *self, const char *text, gsize length, gpointer owner, guint64 *number);
/* A notification or a response to a request of the server. A notifications/cancelled names the
 * request by our number; NULL when there is no such request any more. */
char *bfy_mux_pass (BfyMux *self, const char *text, gsize length);
/* Cancels a request: the line to send, or NULL when it has been answered. Its answer will be
 * dropped. */
char *bfy_mux_cancel (BfyMux *self, guint64 number);
/* Nobody waits for it any more, but it goes on; its answer will be dropped. */
void bfy_mux_disown (BfyMux *self, guint64 number);
/* Somebody else waits for it from now on. */
void bfy_mux_adopt (BfyMux *self, guint64 number, gpointer owner);
/* Requests that somebody waits for. */
guint bfy_mux_n_waiting (const BfyMux *self);

typedef enum
{
  BFY_MUX_NONE,         /* not JSON-RPC, or for nobody: dropped */
  BFY_MUX_RESPONSE,     /* for owner; its request is over */
  BFY_MUX_RELATED,      /* a notification that belongs to owner's request */
  BFY_MUX_REQUEST,      /* of the server */
  BFY_MUX_NOTIFICATION, /* that belongs to no request */
} BfyMuxKind;

typedef struct
{
  BfyMuxKind kind;
  gpointer owner; /* borrowed, (nullable) */
  char *text;     /* (owned) (nullable) as it goes to the client */
  gsize length;
  char *method; /* (owned) (nullable) */
  char *id;     /* (owned) (nullable) raw token: of a request of the server */
  gboolean is_error;
  gint64 error_code; /* of an error response */
} BfyMuxMessage;

void bfy_mux_message_clear (BfyMuxMessage *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyMuxMessage, bfy_mux_message_clear)

/* What a line of the server is. */
void bfy_mux_receive (BfyMux *self, const char *line, gsize length, BfyMuxMessage *message);
