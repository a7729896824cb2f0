/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "agent/poller.h"
#include "agent/proxy/response.h"

/* A connection to an upstream that speaks plain HTTP/1.1, which is one on this machine or in the
 * private network (protocol/upstream.h), and the request that is on it. Made because such a call
 * costs libsoup four fifths of the agent's time: it takes a dozen turns of the main loop, each with
 * sources that come and go. Everything else goes through libsoup (leg.h).
 *
 * Nothing is ever sent twice. The head of the request, which holds the credential, is wiped as soon
 * as it has gone out. A connection serves one request after the other only if the answer before was
 * complete, said so, and nothing came after it. */
typedef struct _BfyWire BfyWire;

/* None is called once bfy_wire_finish() has been. Each may finish the wire. */
typedef struct
{
  void (*sent) (gpointer user_data);     /* the head has gone out */
  void (*answered) (gpointer user_data); /* the head of the answer is there */
  /* What bfy_wire_read() asked for. NULL: the end. */
  void (*body) (GBytes *bytes, gpointer user_data);
  void (*failed) (const GError *error, gpointer user_data);
  /* All that there was of a body in pieces has gone out, or the head. */
  void (*wants) (gpointer user_data);
} BfyWireFuncs;

/* Called when something happens on a connection without a request: it is of no use any more. */
typedef void (*BfyWireIdleFunc) (BfyWire *self, gpointer user_data);

/* NULL, with @error, when the connection cannot be watched. */
BfyWire *bfy_wire_new (BfyPoller *poller,
                       GSocketConnection *connection,
                       BfyWireIdleFunc on_idle_event,
                       gpointer user_data,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Closes. */
void bfy_wire_unref (BfyWire *self);

/* Still open, and nothing has come uninvited. To be asked right before a request. */
gboolean bfy_wire_is_fresh (BfyWire *self);

/* Takes @head over: all of it up to the empty line; it is wiped and freed. @body: (nullable). */
void bfy_wire_begin (BfyWire *self,
                     char *head,
                     gsize head_length,
                     GBytes *body,
                     const BfyWireFuncs *funcs,
                     gpointer user_data);
typedef enum
{
  BFY_PIECES_NONE,
  BFY_PIECES_COUNTED, /* as many bytes as the head says */
  BFY_PIECES_CHUNKED,
} BfyPieces;

/* The body of the next request comes in pieces: to be said before it begins. */
void bfy_wire_expect_pieces (BfyWire *self, BfyPieces pieces);
/* The next request may be answered with a switch to WebSocket: to be said before it begins. */
void bfy_wire_allow_upgrade (BfyWire *self);
/* It was: from now on pieces of whatever length go up. */
void bfy_wire_open (BfyWire *self);
/* The next one, when it wants one; NULL for the end. May call back before it returns. Once the
 * upstream has hung up nothing is wanted any more. */
void bfy_wire_write (BfyWire *self, GBytes *piece);
/* Asks for the next piece of the body; may call back before it returns. */
void bfy_wire_read (BfyWire *self);
const BfyResponse *bfy_wire_get_answer (BfyWire *self);
/* Something of the answer has come. */
gboolean bfy_wire_has_input (BfyWire *self);
/* The request is over, in whatever state. TRUE: the next one may follow. */
gboolean bfy_wire_finish (BfyWire *self);
