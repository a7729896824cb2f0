/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request.h"

/* An event stream to one client: keeps order, waits for a slow reader, and gives up on one that
 * does not read at all. */
typedef struct _BfySender BfySender;

#define BFY_SENDER_QUEUE_BYTES_MAX (16 * 1024 * 1024)
#define BFY_SENDER_RETRY_MS 1000 /* after which a client that lost the stream may come back */

/* Sends the head at once. @session_id: (nullable) for the header. */
BfySender *bfy_sender_new (BfyRequest *request, const char *session_id);
/* Without an end the connection is broken off: the stream was not complete. */
void bfy_sender_free (BfySender *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySender, bfy_sender_free)

/* One message: JSON on one line. @id: (nullable) to come back to, see replay.h. */
void bfy_sender_event (BfySender *self, const char *id, const char *json, gsize length);
/* An event without data, so that the client has an id to come back with from the start. */
void bfy_sender_prime (BfySender *self, const char *id);
/* A sign of life that means nothing. */
void bfy_sender_beat (BfySender *self);
/* The proper end of the stream. */
void bfy_sender_end (BfySender *self);
