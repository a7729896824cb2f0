/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/sse.h"

/* The HTTP+SSE transport of 2024-11-05: a client opens an event stream, the first event of which,
 * `endpoint`, says where its messages are to be posted; their answers come on the stream. Whoever
 * stands between takes the place that the server names for itself and names one of its own
 * (mcp.md A.2, behaviour 5.12). Pure. */

#define BFY_ENDPOINT_BYTES_MAX 4096 /* of what a server may name */

/* What becomes of an event on its way down. */
typedef enum
{
  BFY_ENDPOINT_PASS,     /* it is none */
  BFY_ENDPOINT_ANNOUNCE, /* the first event: to be replaced by our own */
  BFY_ENDPOINT_DROP,     /* one that comes later would lead the client elsewhere */
  BFY_ENDPOINT_MISSING,  /* the client needs one, and something else came first */
} BfyEndpointVerdict;

/* @is_first: nothing but comments and delays came before. @is_wanted: the client has asked for this
 * transport. */
BfyEndpointVerdict
bfy_endpoint_judge (const BfySseEvent *event, gboolean is_first, gboolean is_wanted);
/* FALSE for what only sets a delay or an id. */
gboolean bfy_endpoint_counts (const BfySseEvent *event);

/* The absolute URL that @data, not NUL-terminated, names as seen from the URL of the stream
 * (RFC 3986). BFY_ERROR_UPSTREAM_FAILED for one of another origin, for user info, and for whatever
 * is no URL; the message goes on after "The service ". Free with g_free(). */
char *bfy_endpoint_resolve (const char *stream_url, const char *data, gsize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The path and query that our own `endpoint` names: @path is that of the client's GET, with
 * @has_suffix when it ends in "/sse". Free with g_free(). */
char *bfy_endpoint_format (const char *path, gboolean has_suffix, const char *id);
/* The id in such a query (nullable), or NULL. Free with g_free(). */
char *bfy_endpoint_dup_id (const char *query);
