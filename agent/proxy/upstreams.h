/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsoup/soup.h>

typedef struct _BfyPool BfyPool;

/* The agent's side towards upstreams: kept-alive connections, in a session of libsoup and, for
 * plain HTTP, in a pool of our own. Nothing automatic:
 * no redirects, no authentication, no cookies, no decoding, no proxy that nobody asked for.
 * Requests are made with BfyLeg, or with BfyCall. */
#define BFY_TYPE_UPSTREAMS (bfy_upstreams_get_type ())
G_DECLARE_FINAL_TYPE (BfyUpstreams, bfy_upstreams, BFY, UPSTREAMS, GObject)

#define BFY_UPSTREAM_CONNECTIONS_MAX 1024
#define BFY_UPSTREAM_CONNECTIONS_PER_HOST_MAX 512
#define BFY_UPSTREAM_IDLE_TIMEOUT_S 60 /* an idle connection is closed after this */

BfyUpstreams *bfy_upstreams_new (void);
/* All connections go to @address, whatever host a URL names; TLS asks for a certificate of
 * @address. */
BfyUpstreams *bfy_upstreams_new_pinned (GSocketConnectable *address);
/* Starts afresh: idle connections close with all that their buffers hold, those in use when their
 * requests are done. */
void bfy_upstreams_renew (BfyUpstreams *self);
SoupSession *bfy_upstreams_get_session (BfyUpstreams *self);

/* For BfyLeg: connections in plain HTTP. */
BfyPool *bfy_upstreams_get_pool (BfyUpstreams *self);

/* For BfyCall: what is under a connection of the session, a GSocketConnection or a GTlsConnection,
 * or NULL. Borrowed. */
GIOStream *bfy_upstreams_find_stream (BfyUpstreams *self, guint64 connection_id);
void bfy_upstreams_note_stream (BfyUpstreams *self, guint64 connection_id, GIOStream *stream);
