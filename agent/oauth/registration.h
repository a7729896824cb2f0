/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/oauth-client.h"
#include "protocol/oauth-server.h"

/* Which client id to use, in the order of mcp.md B.1.6: configured, metadata document
 * (`client-metadata-url` of the settings), the one that was registered before, dynamic
 * registration; BFY_ERROR_UNSUPPORTED with a hint at --client-id when none of them is possible. */
typedef struct
{
  const BfyOAuthServer *server;
  const char *client_id;    /* (nullable) given by the person for this very sign-in, never that of
                               @known: nothing would ask whose it is */
  BfySecret *client_secret; /* (nullable) */
  BfyOAuthClient *known; /* (nullable) of the last sign-in. A configured one is used at its issuer,
                            and at another BFY_ERROR_DENIED; a registered one if its issuer is
                            @server's and its redirect URI is this one, and it has not expired */
  const char *redirect_uri;  /* (nullable) NULL for flows without one */
  const char *scope;         /* (nullable) */
  const BfyBinding *binding; /* (nullable) whose policy counts */
  gboolean allow_local;
} BfyRegistration;

void bfy_register_async (BfyAgent *agent,
                         const BfyRegistration *wish,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
BfyOAuthClient *bfy_register_finish (GAsyncResult *result,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
