/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* The body of a request for libsoup, which wants a stream to read from, while what there is of it
 * comes by and by: reading waits for the next piece. Asynchronous only. */
#define BFY_TYPE_FEED (bfy_feed_get_type ())
G_DECLARE_FINAL_TYPE (BfyFeed, bfy_feed, BFY, FEED, GInputStream)

/* @wants: the next piece is read for. */
BfyFeed *bfy_feed_new (void (*wants) (gpointer user_data), gpointer user_data);
/* NULL: the end. */
void bfy_feed_write (BfyFeed *self, GBytes *piece);
/* Nothing comes any more, and nobody is asked. */
void bfy_feed_stop (BfyFeed *self);
