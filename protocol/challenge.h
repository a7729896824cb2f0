/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What WWW-Authenticate says (RFC 9110, 11.6.1; RFC 6750, 3; RFC 9728, 5.1), as far as it concerns
 * us: a server may offer several schemes, in several fields and in one. Its prose
 * (error_description, realm) is not kept, because nothing that was fetched is shown. */
typedef struct
{
  gboolean has_basic;
  gboolean has_bearer;
  /* Of Bearer; the first one that is usable counts. */
  char *resource_metadata; /* (owned) (nullable) visible ASCII, not yet judged as a URL */
  char *scope;             /* (owned) (nullable) in normal form */
  char *error;             /* (owned) (nullable) a code such as invalid_token */
} BfyChallenge;

/* @fields (nullable): each a whole field, or several joined by commas. Never fails: what cannot be
 * read, with the rest of its field, and what is too long or too much, is left out. */
BfyChallenge *bfy_challenge_parse (const char *const *fields);
/* The same for one field (nullable). */
BfyChallenge *bfy_challenge_parse_one (const char *field);
void bfy_challenge_free (BfyChallenge *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyChallenge, bfy_challenge_free)

/* Does it say that the token itself is at fault, or does not reach far enough (RFC 6750, 3.1)? */
gboolean bfy_challenge_is_about_token (const BfyChallenge *self);
/* The latter only: a new sign-in is needed, a refresh cannot help (mcp.md B.2). */
gboolean bfy_challenge_wants_more_scope (const BfyChallenge *self);
