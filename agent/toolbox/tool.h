/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/toolbox/toolbox.h"

/* How tools and what comes of them are said in MCP. */

/* An element of tools/list. (transfer full) */
JsonObject *bfy_tool_to_json (const BfyTool *self);
/* Of a list; NULL when there is none of that name. */
const BfyTool *bfy_tool_find (GPtrArray *tools, const char *name);
/* That there is none. (transfer full) */
GError *bfy_tool_new_unknown (const BfyBinding *binding);

/* The result of tools/call: as text, which is exactly the JSON of @result, and as
 * structuredContent, in which what is no object is the member “result” of one. (transfer full) */
JsonObject *bfy_tool_result (JsonNode *result);
/* The same for a call that failed: its wire name and message. */
JsonObject *bfy_tool_error (const GError *error);
/* The body of an MCP request (2026-07-28) that calls it. @arguments: a JSON object. */
GBytes *bfy_tool_format_call (const char *tool, const char *arguments, gsize length);
