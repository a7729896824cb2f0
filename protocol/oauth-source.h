/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/oauth-client.h"

/* Where the tokens of an `oauth_token` credential come from and how to get the next ones. Rests in
 * the keyring in one item with them, so that they cannot disagree (behaviour 7.10). */
typedef struct
{
  gatomicrefcount ref_count;
  BfyOAuthClient *client; /* (owned) with the issuer */
  char *token_url;        /* (owned) */
  char *revocation_url;   /* (owned) (nullable) */
  char *resource;         /* (owned) (nullable) exactly as in the protected resource metadata */
  char *scope;            /* (owned) (nullable) granted, else requested */
  gboolean is_client_credentials; /* tokens are asked for anew, without a refresh token */
  gboolean allow_local;           /* endpoints may be on loopback or a private network */
} BfyOAuthSource;

BfyOAuthSource *bfy_oauth_source_new (BfyOAuthClient *client, const char *token_url);
/* Until it is shared, its owner fills it; after that it is immutable. */
BfyOAuthSource *bfy_oauth_source_copy (const BfyOAuthSource *self);
BfyOAuthSource *bfy_oauth_source_ref (BfyOAuthSource *self);
void bfy_oauth_source_unref (BfyOAuthSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyOAuthSource, bfy_oauth_source_unref)
