/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/oauth-source.h"

/* The forms that go to a token endpoint (RFC 6749, 8628), a revocation endpoint (RFC 7009) and a
 * device authorization endpoint, ready to send as application/x-www-form-urlencoded. Each names
 * the client, whatever its authentication (craft 1.9.7), holds its secret if that goes into the
 * form, and `resource` exactly as the server wrote it (RFC 8707). Pure; secrets go into secrets. */

/* @verifier (nullable): of PKCE. */
BfySecret *bfy_token_request_for_code (const BfyOAuthSource *source,
                                       const BfySecret *code,
                                       const char *redirect_uri,
                                       const BfySecret *verifier);
BfySecret *bfy_token_request_for_refresh (const BfyOAuthSource *source, const BfySecret *refresh);
/* With the scope of @source. */
BfySecret *bfy_token_request_for_client_credentials (const BfyOAuthSource *source);
BfySecret *bfy_token_request_for_device (const BfyOAuthSource *source,
                                         const BfySecret *device_code);
BfySecret *bfy_token_request_for_revocation (const BfyOAuthSource *source,
                                             const BfySecret *token,
                                             gboolean is_refresh);
/* With the scope of @source (RFC 8628, 3.1). */
BfySecret *bfy_token_request_for_device_code (const BfyOAuthSource *source);

/* The value of the Authorization header that goes with each of them: "Basic …", or NULL when the
 * client's authentication is another one. Id and secret are escaped before they are joined (RFC
 * 6749, 2.3.1). */
BfySecret *bfy_token_request_authorization (const BfyOAuthClient *client);
