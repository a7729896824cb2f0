/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/remote.h"

/* A small MCP client for `bindify tools` and `bindify call`: one legacy session (2025-11-25) over
 * the agent's socket. It answers the server's pings, declines everything else a server may ask, and
 * knows errors of the agent from errors of the server (behaviour 4). */
#define BFY_TYPE_MCP_SESSION (bfy_mcp_session_get_type ())
G_DECLARE_FINAL_TYPE (BfyMcpSession, bfy_mcp_session, BFY, MCP_SESSION, GObject)

BfyMcpSession *bfy_mcp_session_new (BfyRemote *remote, const char *binding);
const char *bfy_mcp_session_get_binding (BfyMcpSession *self);

/* Called once, when the agent says that a request waits for a person. */
typedef void (*BfyMcpSessionFunc) (BfyMcpSession *self, gpointer user_data);
void
bfy_mcp_session_set_on_waiting (BfyMcpSession *self, BfyMcpSessionFunc func, gpointer user_data);

/* The handshake. */
void bfy_mcp_session_open_async (BfyMcpSession *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean bfy_mcp_session_open_finish (BfyMcpSession *self,
                                      GAsyncResult *result,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One request; @params is JSON text or NULL. */
void bfy_mcp_session_request_async (BfyMcpSession *self,
                                    const char *method,
                                    const char *params,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
/* The result exactly as the server wrote it, checked JSON. Refusals of the agent have the code of
 * their reason; errors of the server are BFY_ERROR_UPSTREAM_FAILED with its sentence. Free with
 * g_free(). */
char *bfy_mcp_session_request_finish (BfyMcpSession *self,
                                      GAsyncResult *result,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Ends the session on the server; errors do not matter to anyone any more. */
void bfy_mcp_session_close_async (BfyMcpSession *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
void bfy_mcp_session_close_finish (BfyMcpSession *self, GAsyncResult *result);

/* The error inside a checked JSON-RPC response; pure, shared with tests. Never NULL. */
GError *bfy_mcp_error_from_response (const char *text, gsize length);
