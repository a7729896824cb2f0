/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/oauth-server.h"

/* From an MCP URL to the authorization server that issues its tokens (mcp.md B.1, steps 1 to 4):
 * asks the server without a token, reads the challenge, the protected resource metadata (RFC 9728)
 * and the server's metadata. Nothing is sent to an authorization endpoint before all of it fits. */
typedef struct
{
  BfyOAuthServer *server; /* (owned) */
  char *resource;         /* (owned) (nullable) exactly as in the document; NULL without one */
  char *scope;            /* (owned) (nullable) to ask for, chosen by mcp.md B.1.7, offline_access
                             included where it may be */
  gboolean wants_consent; /* prompt=consent goes with it */
  char *demanded;         /* (owned) (nullable) of the challenge: nobody gets in with less */
} BfyDiscovery;

void bfy_discovery_free (BfyDiscovery *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyDiscovery, bfy_discovery_free)

/* @binding: its URL, service (whose record is the fallback, behaviour 17.1) and allow_local.
 * @scope (nullable): what a refusal named since the last sign-in; it is united with what the server
 * asks for now. BFY_ERROR_UNSUPPORTED when nothing is found that could be signed in to, _DENIED
 * when resource or issuer do not fit. */
void bfy_discover_async (BfyAgent *agent,
                         BfyBinding *binding,
                         const char *scope,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
BfyDiscovery *bfy_discover_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
