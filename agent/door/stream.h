/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* An accepted connection as the HTTP library is allowed to see it: a GIOStream whose input has
 * passed the framing check, that keeps slow clients to their deadlines and that can answer and hang
 * up past the library when a request is not fit for it. Asynchronous use only. Emits
 * "closed" once. */
#define BFY_TYPE_DOOR_STREAM (bfy_door_stream_get_type ())
G_DECLARE_FINAL_TYPE (BfyDoorStream, bfy_door_stream, BFY, DOOR_STREAM, GIOStream)

#define BFY_HEAD_TIMEOUT_MS 10000  /* from the first byte of a request to the end of its head */
#define BFY_BODY_TIMEOUT_MS 30000  /* from there to the end of its body, and longer … */
#define BFY_BODY_BYTES_PER_MS 16   /* … by what has come of it: a drop at a time is too slow */
#define BFY_IDLE_TIMEOUT_MS 120000 /* between two requests */

/* @body_max: no request body may be larger, in bytes. */
BfyDoorStream *bfy_door_stream_new (GSocketConnection *connection, guint64 body_max);

/* An address that no other stream has: by it the HTTP library's messages are found to belong here.
 */
GSocketAddress *bfy_door_stream_get_address (BfyDoorStream *self);
GSocket *bfy_door_stream_get_socket (BfyDoorStream *self);

/* While a request is being served no deadline of the client runs. */
void bfy_door_stream_set_serving (BfyDoorStream *self, gboolean is_serving);

/* Writes @reply as it is, takes no further input and closes once the client has had time to read.
 */
void bfy_door_stream_refuse (BfyDoorStream *self, GBytes *reply);

/* Breaks the connection off in both directions, in the middle of whatever is going on. */
void bfy_door_stream_abort (BfyDoorStream *self);
