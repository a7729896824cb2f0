/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/rpc.h"

/* Which revision of MCP a request to a local server is made in, and whether its headers say the
 * same as its body (mcp.md A.6). Here the agent is the HTTP server, so it checks what a server has
 * to. Pure. */
typedef enum
{
  BFY_ERA_LEGACY,
  BFY_ERA_MODERN,
  BFY_ERA_MISMATCH,    /* 400, -32020 */
  BFY_ERA_INCOMPLETE,  /* 400, -32602: a required member of _meta is missing or malformed */
  BFY_ERA_BAD_VERSION, /* 400: a legacy version that does not exist */
} BfyEra;

typedef struct
{
  const char *version; /* (nullable) MCP-Protocol-Version */
  const char *method;  /* (nullable) Mcp-Method */
  const char *name;    /* (nullable) Mcp-Name */
} BfyEraHeaders;

#define BFY_ERA_MODERN_VERSION "2026-07-28"

/* @text: the body that @message was parsed from. */
BfyEra bfy_era_judge (const BfyEraHeaders *headers,
                      const BfyRpcMessage *message,
                      const char *text,
                      gsize length);
/* Is this version header one of 2026-07-28 or later? */
gboolean bfy_era_is_modern_version (const char *version);
/* What a header value means: "=?base64?…?=" decoded. NULL when it is malformed. Free with g_free().
 */
char *bfy_era_decode_header (const char *value);
