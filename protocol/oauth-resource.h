/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What an MCP server says about who issues its tokens: protected resource metadata (RFC 9728).
 * Immutable. */
typedef struct
{
  char *resource; /* (owned) exactly as in the document: goes into requests as it is */
  GStrv servers;  /* (owned) issuers, exactly as in the document, the first BFY_OAUTH_SERVERS_MAX;
                     may be empty */
  char *scopes;   /* (owned) (nullable) scopes_supported */
} BfyOAuthResource;

#define BFY_OAUTH_SERVERS_MAX 4

/* @url: of the MCP server, canonical. BFY_ERROR_DENIED when the document is about another resource
 * (mcp.md B.1.2), else BFY_ERROR_UPSTREAM_FAILED; nothing that was read is quoted. */
BfyOAuthResource *bfy_oauth_resource_parse (const char *text,
                                            gsize length,
                                            const char *url,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_oauth_resource_free (BfyOAuthResource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyOAuthResource, bfy_oauth_resource_free)

/* Same origin, and its path is that of @url or a folder above it. */
gboolean bfy_oauth_resource_fits (const char *resource, const char *url);
/* Where to look when the challenge does not say it: with the path of @url, then without. */
GStrv bfy_oauth_resource_candidates (const char *url);
