/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/param-headers.h"

/* What the answers to tools/list have said so far about headers, by the name of the tool: an HTTP
 * client of MCP 2026-07-28 needs it for every tools/call, and must not offer tools whose
 * declarations are invalid. */
typedef struct _BfyToolHeaders BfyToolHeaders;

#define BFY_TOOL_HEADERS_MAX 4096 /* tools that are remembered */

BfyToolHeaders *bfy_tool_headers_new (void);
void bfy_tool_headers_free (BfyToolHeaders *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyToolHeaders, bfy_tool_headers_free)

/* Learns from a response to tools/list (checked text). NULL when all its tools may be offered.
 * Otherwise the same response without those that may not, every other byte as it was (free with
 * g_string_free()), and why in @complaint (free with g_free()). */
GString *bfy_tool_headers_learn (BfyToolHeaders *self,
                                 const char *text,
                                 gsize length,
                                 char **complaint) G_GNUC_WARN_UNUSED_RESULT;
/* (nullable) NULL for a tool that is unknown or declares nothing. */
const BfyParamHeaders *bfy_tool_headers_lookup (const BfyToolHeaders *self, const char *tool);
/* What is known may be out of date: nothing is known of the tool until a list names it again. */
void bfy_tool_headers_forget (BfyToolHeaders *self, const char *tool);
