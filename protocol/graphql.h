/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What a GraphQL document does: the types of its operations, as bits. Which one a server executes
 * is said by operationName, which may be given in several places; so all of them count. */
typedef enum
{
  BFY_GRAPHQL_NONE = 0,
  BFY_GRAPHQL_QUERY = 1 << 0,
  BFY_GRAPHQL_MUTATION = 1 << 1,
  BFY_GRAPHQL_SUBSCRIPTION = 1 << 2,
  BFY_GRAPHQL_UNREAD = 1 << 3, /* something that this scanner cannot read */
  BFY_GRAPHQL_ANY = 15,        /* so it may be any */
} BfyGraphql;

#define BFY_GRAPHQL_DEPTH_MAX 128 /* of brackets */

/* BFY_GRAPHQL_UNREAD unless it is an executable document without an error in it that this scanner
 * sees. Takes time linear in @length and allocates nothing. */
BfyGraphql bfy_graphql_scan (const char *text, gsize length);

typedef struct
{
  BfyGraphql operations; /* BFY_GRAPHQL_NONE: no GraphQL */
  gboolean is_endpoint;  /* the path is one where GraphQL is spoken: only there its operation says
                            what a request does, elsewhere a body could claim to be a query */
} BfyGraphqlRequest;

/* Of an HTTP request. @path: in its form (http-path.h). @query: (nullable) behind the “?”. At the
 * usual paths (/graphql, also behind /api, /v1 and the like) whatever cannot be read may be any
 * operation: a batch is all its operations together. Other paths are looked at only with
 * @everywhere. */
BfyGraphqlRequest bfy_graphql_of_http (const char *path,
                                       const char *query,
                                       const char *content_type,
                                       const char *body,
                                       gsize body_length,
                                       gboolean everywhere);
