/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What a token may be used for, as one string of words (RFC 6749, 3.3): printable ASCII without
 * quote and backslash, one space between two of them. Everything here returns the normal form: each
 * word once, where it stood first. Free with g_free(). */

#define BFY_OAUTH_SCOPE_BYTES_MAX 4096 /* longer ones are not a scope */
#define BFY_OAUTH_OFFLINE_ACCESS "offline_access"

/* NULL when @text (nullable) holds no word, other characters, or is too long. */
char *bfy_oauth_scope_normalise (const char *text);
/* Of a list as metadata documents have it (nullable). What is not one word is left out, and so is
 * what does not fit any more. NULL when nothing is left. */
char *bfy_oauth_scope_join (const char *const *words);
/* The words of both, each of them normal and (nullable). */
char *bfy_oauth_scope_unite (const char *a, const char *b);
gboolean bfy_oauth_scope_has (const char *scope, const char *word);

typedef struct
{
  const char *challenged;           /* (nullable) of WWW-Authenticate */
  const char *supported;            /* (nullable) all that the protected resource lists */
  const char *refused;              /* (nullable) what refusals have named since */
  const char *const *server_scopes; /* (nullable) what the authorization server lists */
} BfyScopeOffer;

/* What to ask for (mcp.md B.1.7, B.2): the challenge, else all that is supported, else nothing;
 * united with what was refused. offline_access goes in if the authorization server lists it and
 * something is asked for at all, and otherwise never; @wants_consent tells that it is in. */
char *bfy_oauth_scope_choose (const BfyScopeOffer *offer, gboolean *wants_consent);
