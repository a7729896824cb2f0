/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsoup/soup.h>

#include "agent/network/target.h"
#include "bfy-config.h"

typedef struct _BfyPool BfyPool;

/* The agent's side towards one upstream: kept-alive connections, in a session of libsoup and, for
 * plain HTTP, in a pool of our own. Nothing automatic: no redirects, no authentication, no cookies,
 * no decoding, no proxy that nobody asked for. Whose they are and where they may go is BfyNetwork's
 * to say. Requests are made with BfyLeg, or with BfyCall. */
#define BFY_TYPE_UPSTREAMS (bfy_upstreams_get_type ())
G_DECLARE_FINAL_TYPE (BfyUpstreams, bfy_upstreams, BFY, UPSTREAMS, GObject)

#define BFY_USER_AGENT "bindify/" BFY_VERSION /* of a request that names none */
#define BFY_UPSTREAM_CONNECTIONS_MAX 1024
#define BFY_UPSTREAM_CONNECTIONS_PER_HOST_MAX 512
#define BFY_UPSTREAM_IDLE_TIMEOUT_S 60 /* an idle connection is closed after this */

/* All connections go where @target says, whatever host a URL names, and TLS asks for a certificate
 * of its name. */
BfyUpstreams *bfy_upstreams_new (BfyTarget *target);
/* Starts afresh: idle connections close with all that their buffers hold, those in use when their
 * requests are done. */
void bfy_upstreams_renew (BfyUpstreams *self);
SoupSession *bfy_upstreams_get_session (BfyUpstreams *self);

/* A certificate (protocol/certificate-print.h, nullable) that may be presented though nobody
 * vouches for it. Borrowed. */
void bfy_upstreams_set_pin (BfyUpstreams *self, const char *print);
const char *bfy_upstreams_get_pin (BfyUpstreams *self);

/* For BfyLeg: connections in plain HTTP. */
BfyPool *bfy_upstreams_get_pool (BfyUpstreams *self);

/* For BfyCall: what is under a connection of the session, a GSocketConnection or a GTlsConnection,
 * or NULL. Borrowed. */
GIOStream *bfy_upstreams_find_stream (BfyUpstreams *self, guint64 connection_id);
void bfy_upstreams_note_stream (BfyUpstreams *self, guint64 connection_id, GIOStream *stream);
