/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/upstream.h"

/* The one rule for every URL of a party of OAuth, whether it comes from a document, a challenge or
 * the catalogue (mcp.md C): https, or http on this machine if @allow_local; a literal address of
 * this machine or of a private network only with @allow_local. What a name leads to is judged when
 * it is resolved (agent/oauth/fetch.h).
 *
 * BFY_ERROR_LOCAL_ADDRESS, else BFY_ERROR_UPSTREAM_FAILED; @what it is stands in the message ("the
 * token endpoint"), the URL never does. */
BfyUpstream *bfy_oauth_url_judge (const char *text,
                                  gboolean allow_local,
                                  const char *what,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The URL of a client id metadata document: https on a public host, with a path, without fragment,
 * dots to walk by, or a user. BFY_ERROR_INVALID_ARGUMENT. */
gboolean bfy_oauth_url_check_document (const char *url, GError **error) G_GNUC_WARN_UNUSED_RESULT;
