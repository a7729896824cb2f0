/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/oauth-source.h"

BfyOAuthSource *
bfy_oauth_source_new (BfyOAuthClient *client, const char *token_url)
{
  BfyOAuthSource *self = g_new0 (BfyOAuthSource, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->client = bfy_oauth_client_ref (client);
  self->token_url = g_strdup (token_url);

  return self;
}

BfyOAuthSource *
bfy_oauth_source_copy (const BfyOAuthSource *self)
{
  BfyOAuthSource *copy = bfy_oauth_source_new (self->client, self->token_url);

  copy->revocation_url = g_strdup (self->revocation_url);
  copy->resource = g_strdup (self->resource);
  copy->scope = g_strdup (self->scope);
  copy->is_client_credentials = self->is_client_credentials;
  copy->allow_local = self->allow_local;

  return copy;
}

BfyOAuthSource *
bfy_oauth_source_ref (BfyOAuthSource *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_oauth_source_unref (BfyOAuthSource *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  bfy_oauth_client_unref (self->client);
  g_free (self->token_url);
  g_free (self->revocation_url);
  g_free (self->resource);
  g_free (self->scope);
  g_free (self);
}
