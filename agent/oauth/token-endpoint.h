/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/token-answer.h"

/* The requests of RFC 6749, 8628 and 7009 to the token and revocation endpoints of @source, with
 * its client's authentication and its `resource`. The policy of @binding counts. Each makes one
 * request and never repeats it. */

/* A sign-in's code. @verifier (nullable): of PKCE. */
void bfy_token_exchange_async (BfyAgent *agent,
                               const BfyBinding *binding,
                               BfyOAuthSource *source,
                               BfySecret *code,
                               const char *redirect_uri,
                               BfySecret *verifier,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
void bfy_token_refresh_async (BfyAgent *agent,
                              const BfyBinding *binding,
                              BfyOAuthSource *source,
                              BfySecret *refresh,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
void bfy_token_client_credentials_async (BfyAgent *agent,
                                         const BfyBinding *binding,
                                         BfyOAuthSource *source,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
void bfy_token_device_async (BfyAgent *agent,
                             const BfyBinding *binding,
                             BfyOAuthSource *source,
                             BfySecret *device_code,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
/* For all four. Never NULL, but when cancelled (BFY_ERROR_CANCELLED). */
BfyTokenAnswer *bfy_token_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* RFC 7009: the refresh token if there is one, else the access token. FALSE when the server did not
 * take it; BFY_ERROR_UNSUPPORTED without an endpoint. */
void bfy_token_revoke_async (BfyAgent *agent,
                             const BfyBinding *binding,
                             const BfyCredential *credential,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean bfy_token_revoke_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
