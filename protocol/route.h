/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* What a request path means. Both doors use the same table; which door may use which kind is
 * decided by the agent (design, Doors). Paths are compared raw: nothing is unescaped but the tail
 * segments of /v1, where an escaped slash is refused. "." , ".." (in any escape) or empty segments
 * match nothing, but for the trailing slash of a REST path. */
typedef enum
{
  BFY_ROUTE_NONE,
  BFY_ROUTE_HEALTHZ, /* /healthz */
  BFY_ROUTE_MCP,     /* /mcp/NAME or /mcp/NAME/KEY86 */
  BFY_ROUTE_MCP_SSE, /* …/sse or …/messages behind either form (behaviour 2.4) */
  BFY_ROUTE_HTTP,    /* /http/NAME[/~KEY86]/rest */
  BFY_ROUTE_CONTROL, /* /v1/… */
} BfyRouteKind;

typedef struct
{
  BfyRouteKind kind;
  char *name;           /* (owned) (nullable) the binding segment, unchecked */
  BfySecret *presented; /* (owned) (nullable) the key segment as it came, 86 characters or not */
  char *rest; /* (owned) (nullable) HTTP: "/rest/of/path" or ""; MCP_SSE: "sse" or "messages";
                 CONTROL: the path behind /v1, with its slash, unescaped */
} BfyRoute;

BfyRoute *bfy_route_parse (const char *path);
void bfy_route_free (BfyRoute *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRoute, bfy_route_free)
