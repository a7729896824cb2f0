/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* `bindify-mcp NAME`: MCP over stdin and stdout for clients that start their servers as commands,
 * turned into HTTP on the agent's socket (mcp.md A.8).
 *
 * Each line is one message and each request its own POST, because a tool call may be waiting for
 * the answer to a question that the server asks meanwhile. The client decides the era: a request
 * with its own protocol version is modern and mirrored into headers; everything else is legacy,
 * belongs to the session that `initialize` opens, and waits until that has been answered. Content
 * is never looked at beyond that, never kept and never logged. */
typedef struct
{
  const char *socket_path;
  const char *binding;
  BfySecret *key; /* (nullable) borrowed: presented with every request */
  int in_fd;      /* borrowed */
  int out_fd;     /* borrowed */
} BfyBridgeOptions;

/* Runs until stdin ends, a signal comes or the client stops reading. The exit status: 0, 2 if there
 * was no agent from the start, 130 after Ctrl-C. */
int bfy_bridge_run (const BfyBridgeOptions *options);
