/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsoup/soup.h>

#include "protocol/mcp-header.h"

/* The header mirror of a message that MCP 2026-07-28 asks of HTTP clients (mcp.md A.6). */

/* Adds MCP-Protocol-Version, Mcp-Method and Mcp-Name. A version or method that does not fit a
 * header is left out: the other side then refuses the message itself. */
void bfy_mcp_headers_add (SoupMessageHeaders *headers,
                          const BfyRpcMessage *message,
                          const char *version);
