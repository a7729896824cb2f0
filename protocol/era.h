/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/rpc.h"

/* MCP has two eras: up to 2025-11-25 a session begins with `initialize`; from 2026-07-28 on every
 * request carries its version in params._meta (the claim) and repeats version, method and name in
 * headers. The body decides which era a message belongs to, the headers are a cross-check: whoever
 * routes by them must not be led elsewhere than whoever reads the body. */
typedef enum
{
  BFY_ERA_LEGACY,
  BFY_ERA_MODERN,
  BFY_ERA_BAD_ARRAY,       /* with a claim or an `initialize` in it */
  BFY_ERA_BAD_CLAIM,       /* not a string, or missing although the header speaks of one */
  BFY_ERA_HEADER_MISMATCH, /* a header is missing or says something else than the body */
} BfyEra;

/* As they came, NULL where absent; several of one name joined by commas, which then match nothing.
 */
typedef struct
{
  const char *version; /* MCP-Protocol-Version */
  const char *method;  /* Mcp-Method */
  const char *name;    /* Mcp-Name */
} BfyEraHeaders;

BfyEra bfy_era_of (const BfyRpc *rpc, const BfyEraHeaders *headers);

/* Whether a session of that version may put several messages into one body: 2025-03-26 alone knows
 * it (mcp.md A.3). So may one whose version is not known (NULL), as each message is looked at. */
gboolean bfy_era_allows_arrays (const char *version);

/* The version that an answer to initialize agrees on: @text is one message, or an array of them.
 * NULL when it is not strict JSON or holds no such answer. Free with g_free(). */
char *bfy_era_agreed_version (const char *text, gsize length);

/* Whether a header value says @text: surrounding white space is nothing, and =?base64?…?= around
 * the standard encoding stands for what is encoded. */
gboolean bfy_era_header_says (const char *value, const char *text);

/* What to say about a message that is neither legacy nor modern. BFY_N_ERRORS for those two. */
BfyErrorCode bfy_era_error (BfyEra era, const char **message);
