/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/json.h"

/* Which arguments of one tool an HTTP client of MCP 2026-07-28 has to repeat in headers: what
 * `x-mcp-header` in the tool's inputSchema declares (mcp.md A.6). */
typedef struct _BfyParamHeaders BfyParamHeaders;

#define BFY_PARAM_HEADERS_MAX 64            /* declarations of one tool */
#define BFY_PARAM_HEADER_NAME_BYTES_MAX 128 /* of X in Mcp-Param-X */
/* Of an encoded value: servers and proxies refuse long headers. Above, the header is left out, and
 * the server says what it misses. */
#define BFY_PARAM_HEADER_VALUE_BYTES_MAX 8192

/* Reads a schema of checked text. NULL with BFY_ERROR_BAD_REQUEST when a declaration breaks a rule:
 * such a tool must not be offered. The message names the rule and quotes nothing. */
BfyParamHeaders *bfy_param_headers_parse (const BfyJsonSlice *input_schema,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_param_headers_free (BfyParamHeaders *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyParamHeaders, bfy_param_headers_free)

guint bfy_param_headers_n (const BfyParamHeaders *self);

/* @name is the whole header name, @value fits a header. */
typedef void (*BfyParamHeaderFunc) (const char *name, const char *value, gpointer user_data);

/* The headers for a call with these @arguments (checked text), in the order of the schema. What is
 * absent, null or no string, number or boolean has none. */
void bfy_param_headers_foreach (const BfyParamHeaders *self,
                                const BfyJsonSlice *arguments,
                                BfyParamHeaderFunc func,
                                gpointer user_data);
