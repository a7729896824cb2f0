/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "protocol/secret.h"

/* Who we are to one authorization server: a client id, and how we prove it. Keyed by issuer: never
 * shown to another one (mcp.md B.1.6). */
typedef enum
{
  BFY_CLIENT_CONFIGURED, /* the person registered it by hand */
  BFY_CLIENT_DOCUMENT,   /* the URL of a client id metadata document */
  BFY_CLIENT_REGISTERED, /* dynamically (RFC 7591) */
} BfyOAuthClientOrigin;

/* token_endpoint_auth_method */
typedef enum
{
  BFY_CLIENT_AUTH_NONE,
  BFY_CLIENT_AUTH_BASIC, /* client_secret_basic */
  BFY_CLIENT_AUTH_POST,  /* client_secret_post */
} BfyOAuthClientAuth;

typedef struct
{
  gatomicrefcount ref_count;
  BfyOAuthClientOrigin origin;
  char *issuer;                  /* (owned) */
  char *id;                      /* (owned) */
  BfySecret *secret;             /* (owned) (nullable) */
  BfyOAuthClientAuth auth;       /* chosen by bfy_oauth_client_choose_auth() */
  char *redirect_uri;            /* (owned) (nullable) exactly as registered, with its port */
  char *registration_uri;        /* (owned) (nullable) registration_client_uri (RFC 7592) */
  BfySecret *registration_token; /* (owned) (nullable) registration_access_token */
  gint64 expires_at_s;           /* client_secret_expires_at; 0 = never */
} BfyOAuthClient;

BfyOAuthClient *
bfy_oauth_client_new (BfyOAuthClientOrigin origin, const char *issuer, const char *id);
/* Until it is shared, its owner fills it; after that it is immutable. */
BfyOAuthClient *bfy_oauth_client_ref (BfyOAuthClient *self);
void bfy_oauth_client_unref (BfyOAuthClient *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyOAuthClient, bfy_oauth_client_unref)

/* mcp.md B.1.10. @registered (nullable): the wire name that registration returned, or that a
 * metadata document has; @supported (nullable): what the server lists. What was registered, if the
 * server lists it or lists nothing; a server that registered us without a proof is taken at its
 * word. Else basic, post, none in that order of what is listed; without a list basic with a secret,
 * none without one. BFY_ERROR_UNSUPPORTED when there is no method that both sides can. */
gboolean bfy_oauth_client_choose_auth (const char *registered,
                                       const char *const *supported,
                                       gboolean has_secret,
                                       BfyOAuthClientAuth *auth,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
const char *bfy_oauth_client_auth_to_wire (BfyOAuthClientAuth auth);
gboolean bfy_oauth_client_auth_from_wire (const char *wire, BfyOAuthClientAuth *auth);
/* "configured", "document", "registered": of the keyring form. */
const char *bfy_oauth_client_origin_to_wire (BfyOAuthClientOrigin origin);
gboolean bfy_oauth_client_origin_from_wire (const char *wire, BfyOAuthClientOrigin *origin);
