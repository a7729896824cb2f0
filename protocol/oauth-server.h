/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/service.h"

/* What an authorization server says of itself (RFC 8414, OpenID Connect Discovery 1.0), reduced to
 * what we use. Immutable once made. */
typedef struct
{
  gatomicrefcount ref_count;
  char *issuer;             /* (owned) exactly as in the document, never normalised */
  char *authorization_url;  /* (owned) (nullable) */
  char *token_url;          /* (owned) */
  char *registration_url;   /* (owned) (nullable) RFC 7591 */
  char *revocation_url;     /* (owned) (nullable) RFC 7009 */
  char *device_url;         /* (owned) (nullable) RFC 8628 */
  GStrv token_auth_methods; /* (owned) (nullable) NULL: the document does not say */
  GStrv scopes;             /* (owned) (nullable) scopes_supported */
  gboolean takes_s256;      /* code_challenge_methods_supported lists S256; of an assumed server: it
                               is used */
  gboolean says_pkce;       /* the document has that member at all */
  gboolean sends_iss;       /* authorization_response_iss_parameter_supported (RFC 9207) */
  gboolean takes_documents; /* client_id_metadata_document_supported */
  gboolean is_assumed;      /* there was no document: of the catalogue, or made up by the rules of
                               2025-03-26; its issuer is an origin, what it would call itself is not
                               known */
  gboolean is_unproven;     /* only a document of another origin says that this is its issuer: no
                               client that is known to that issuer is shown to it */
} BfyOAuthServer;

BfyOAuthServer *bfy_oauth_server_ref (BfyOAuthServer *self);
void bfy_oauth_server_unref (BfyOAuthServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyOAuthServer, bfy_oauth_server_unref)

/* From a metadata document. Every URL is https, or http on loopback when @allow_local; `issuer`
 * equals @expected_issuer byte for byte (mcp.md B.1.4); token_endpoint is there.
 * BFY_ERROR_DENIED for another issuer, _LOCAL_ADDRESS, _UPSTREAM_FAILED; nothing that was read is
 * quoted. */
BfyOAuthServer *bfy_oauth_server_parse (const char *text,
                                        gsize length,
                                        const char *expected_issuer,
                                        gboolean allow_local,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* From the document at the root of @origin, where 2025-03-26 puts it (mcp.md B.1.3): its issuer may
 * be any, because nobody named one. */
BfyOAuthServer *bfy_oauth_server_parse_at_root (const char *text,
                                                gsize length,
                                                const char *origin,
                                                gboolean allow_local,
                                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* /authorize, /token and /register on @origin: the fallback of 2025-03-26 when there is no metadata
 * at all (mcp.md B.1.3). */
BfyOAuthServer *bfy_oauth_server_new_assumed (const char *origin);
/* From a catalogue record (behaviour 17.1). */
BfyOAuthServer *bfy_oauth_server_new_of_service (const BfyServiceOAuth *oauth);

/* Where to look for the metadata of @issuer, in the order of mcp.md B.1.4. Empty when @issuer
 * cannot be one: no URL with a host, or with a query or fragment. */
GStrv bfy_oauth_server_candidates (const char *issuer);
/* Where 2025-03-26 looks. */
char *bfy_oauth_server_root_candidate (const char *origin);
