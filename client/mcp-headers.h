/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsoup/soup.h>

#include "protocol/rpc.h"

/* The header mirror of a message that MCP 2026-07-28 asks of HTTP clients (mcp.md A.6). */

/* Visible ASCII stays as it is; everything that a header cannot carry, and what looks encoded
 * already, becomes =?base64?…?=. Free with g_free(). */
char *bfy_mcp_header_encode (const char *value);
/* What goes into Mcp-Name for this method, or NULL. Borrowed from @message. */
const char *bfy_mcp_header_name_of (const BfyRpcMessage *message);
/* Adds MCP-Protocol-Version, Mcp-Method and Mcp-Name. A version or method that does not fit a
 * header is left out: the other side then refuses the message itself. */
void bfy_mcp_headers_add (SoupMessageHeaders *headers,
                          const BfyRpcMessage *message,
                          const char *version);
/* TRUE for what may stand in Mcp-Session-Id and MCP-Protocol-Version: visible ASCII, not too long.
 * Both come from the other side and go into our next request. */
gboolean bfy_mcp_header_is_token (const char *id);
