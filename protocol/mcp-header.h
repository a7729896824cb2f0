/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/rpc.h"

/* What MCP 2026-07-28 says about the values of HTTP headers that repeat parts of a body (mcp.md
 * A.6). */

/* Visible ASCII stays as it is; everything that a header cannot carry, and what looks encoded
 * already, becomes =?base64?…?=. Free with g_free(). */
char *bfy_mcp_header_encode (const char *value);
/* What goes into Mcp-Name for this method, or NULL. Borrowed from @message. */
const char *bfy_mcp_header_name_of (const BfyRpcMessage *message);
/* TRUE for what may stand in Mcp-Session-Id and MCP-Protocol-Version: visible ASCII, not too long.
 * Both come from the other side and go into our next request. */
gboolean bfy_mcp_header_is_token (const char *id);
/* TRUE for what may stand in Last-Event-ID, which servers make up: no control character, not too
 * long. */
gboolean bfy_mcp_header_is_event_id (const char *id);
