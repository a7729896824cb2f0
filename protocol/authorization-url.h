/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What a person's browser is sent to an authorization server with (mcp.md B.1.8). */
typedef struct
{
  const char *endpoint; /* authorization_endpoint; a query of its own is kept (RFC 6749, 3.1) */
  const char *client_id;
  const char *redirect_uri;
  const char *state;
  const char *challenge; /* (nullable) S256 */
  const char *scope;     /* (nullable) left out when empty */
  const char *resource;  /* (nullable) exactly as the server wrote it */
  gboolean wants_consent;
} BfyAuthorization;

/* What the endpoint's own query says about one of our parameters is left out, because each may be
 * there only once; so is a fragment. Free with g_free(). */
char *bfy_authorization_to_url (const BfyAuthorization *self);
