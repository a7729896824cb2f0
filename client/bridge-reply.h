/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/rpc.h"

/* What the bridge writes on stdout, as pure functions over checked text. */

/* Called for each message of a body or event, arrays taken apart: @line is the message as one
 * line. Take it with g_steal_pointer() on *line, or leave it. */
typedef void (*BfyBridgeReplyFunc) (const BfyRpcMessage *message,
                                    GString **line,
                                    gpointer user_data);

/* BFY_ERROR_PARSE or BFY_ERROR_BAD_REQUEST when @text is not JSON-RPC; nothing is called then. */
gboolean bfy_bridge_reply_foreach (const char *text,
                                   gsize length,
                                   BfyBridgeReplyFunc func,
                                   gpointer user_data,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A checked response whose id is null, as HTTP errors often have it, with @id in its place: on
 * stdio there is no other way to tell which request failed. NULL if @text is not such a response.
 * Free with g_string_free(). */
GString *bfy_bridge_reply_adopt (const char *text, gsize length, const char *id);
/* TRUE for an error by which a client recognises a server of 2026-07-28 (mcp.md A.6): an answer to
 * server/discover of any other kind makes it fall back to initialize. @text is checked. */
gboolean bfy_bridge_reply_is_modern_error (const char *text, gsize length);
/* TRUE for the error by which a modern server says that headers and body differ (mcp.md A.6). @text
 * is checked. */
gboolean bfy_bridge_reply_is_header_mismatch (const char *text, gsize length);
/* TRUE when a checked ListToolsResult is not the last one. */
gboolean bfy_bridge_reply_has_next_page (const char *text, gsize length);
/* The protocolVersion of a checked InitializeResult, or NULL. Free with g_free(). */
char *bfy_bridge_reply_dup_version (const char *text, gsize length);
/* The raw token of params.requestId of a checked notifications/cancelled, or NULL. Free with
 * g_free(). */
char *bfy_bridge_reply_dup_cancelled_id (const char *text, gsize length);

/* Lines of our own; free with g_string_free(). */
GString *bfy_bridge_reply_error (const char *id, BfyErrorCode code, const char *message);
GString *bfy_bridge_reply_not_found_method (const char *id);
GString *bfy_bridge_reply_cancelled (const char *id, const char *reason);
/* A tools/list of ours with the _meta of a checked modern request; @page is the checked response
 * whose nextCursor to follow, or NULL for the first page. */
GString *bfy_bridge_reply_new_list (const char *request,
                                    gsize request_length,
                                    const char *page,
                                    gsize page_length);
