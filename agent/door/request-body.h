/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request.h"

/* A large body may go on as it comes: then the request is served without waiting for the end of its
 * body, and only up to so many bytes of one are held. */
#define BFY_REQUEST_HELD_BYTES (64 * 1024)
/* What a REST service may be sent, and may answer, when nothing else is said. */
#define BFY_STREAM_BYTES_MAX (G_GINT64_CONSTANT (1) << 40)

/* Whether more of its body may come than would be held: only then is it worth asking whether it may
 * be streamed. */
gboolean bfy_request_may_be_large (BfyRequest *self);
/* To be said while it is admitted. */
void bfy_request_allow_streaming (BfyRequest *self);
/* It is served that way: bfy_request_get_body() is empty, and the body is to be read. */
gboolean bfy_request_is_streamed (BfyRequest *self);
/* Of its body: announced, -1 if not. */
goffset bfy_request_get_announced_length (BfyRequest *self);
/* What has come of it, at least one byte; NULL at the end. */
typedef void (*BfyRequestPieceFunc) (GBytes *piece, gpointer user_data);
/* Asks for the next piece, once; nothing is taken from the client that nobody has asked for. May
 * call back before it returns. A client that waits to be told to send its body is told so. */
void bfy_request_read_body (BfyRequest *self, BfyRequestPieceFunc func, gpointer user_data);
/* 101: the connection is a WebSocket from here on. What follows goes up through
 * bfy_request_read_body() and down through bfy_request_write() as it is, until one side closes.
 * Headers as with bfy_request_begin(). */
SoupMessageHeaders *bfy_request_begin_upgrade (BfyRequest *self);
/* Whoever has asked is going. */
void bfy_request_forget_reader (BfyRequest *self);
