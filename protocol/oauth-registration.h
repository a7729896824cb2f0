/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/oauth-client.h"
#include "protocol/oauth-server.h"

/* Dynamic client registration (RFC 7591): what is asked for, and what came back. */

/* A client that ends sooner is not used again (behaviour 17.10). */
#define BFY_OAUTH_CLIENT_SPARE_S 300

/* The request's body (behaviour 17.10). @redirect_uri is NULL for the device flow, the only one
 * without redirect that registers; @scope (nullable). BFY_ERROR_UNSUPPORTED when the server takes
 * only clients that prove themselves in a way we do not know. Free with g_free(). */
char *bfy_oauth_registration_format (const BfyOAuthServer *server,
                                     const char *redirect_uri,
                                     const char *scope,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* From the answer's body; nothing of it is copied outside of secret memory but the client id and
 * the URI. BFY_ERROR_UPSTREAM_FAILED, and what bfy_oauth_client_choose_auth() says. */
BfyOAuthClient *bfy_oauth_registration_parse (const BfySecret *body,
                                              const BfyOAuthServer *server,
                                              const char *redirect_uri,
                                              gboolean allow_local,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What to say when the server did not register us. @status: HTTP. */
GError *bfy_oauth_registration_explain (const BfyOAuthServer *server, guint status);

/* May a client that was registered before be used for another sign-in? Only at the issuer that
 * knows it, byte for byte, with the redirect URI that it was registered for, and not at its end. */
gboolean bfy_oauth_client_may_serve (const BfyOAuthClient *self,
                                     const BfyOAuthServer *server,
                                     const char *redirect_uri,
                                     gint64 now_s);
