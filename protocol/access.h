/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "protocol/json.h"

/* How much a request does: what "reads flow, writes ask" goes by. */
typedef enum
{
  BFY_ACCESS_READ,
  BFY_ACCESS_WRITE,
  BFY_ACCESS_DANGER, /* what cannot be taken back */
} BfyAccess;

/* Annotations of a tool (MCP, ToolAnnotations) as a server gave them. They come from the party that
 * is to be watched, so they may tighten what the name and the catalogue say, never loosen it. */
typedef struct
{
  gboolean says_it_writes;   /* readOnlyHint: false */
  gboolean says_it_destroys; /* destructiveHint: true, and not readOnlyHint: true */
} BfyToolHints;

/* @tool: an element of a checked tools/list result; what is not there or of another type says
 * nothing. */
BfyToolHints bfy_tool_hints_read (const BfyJsonSlice *tool);

/* By its verb: get_, list_, search_, read_… at the start of the name or of its last part (behind
 * ".", "/" or "__") is a read; delete_, drop_, merge_, transfer_… danger; everything else a write.
 */
BfyAccess bfy_access_of_tool_name (const char *name);
/* GET, HEAD, OPTIONS, QUERY read; DELETE is danger; else a write. */
BfyAccess bfy_access_of_http_method (const char *method);
/* The stricter of @access and what @hints (nullable) say. */
BfyAccess bfy_access_tighten (BfyAccess access, const BfyToolHints *hints);

/* "read", "write", "danger". Static. */
const char *bfy_access_to_wire (BfyAccess access);
gboolean bfy_access_from_wire (const char *wire, BfyAccess *access);
