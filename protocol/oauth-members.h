/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/json.h"
#include "protocol/secret.h"

/* The members of what an endpoint of OAuth answered, JSON object or form (behaviour 9.1, 9.2). A
 * view on the body: it allocates nothing, and values go from the body into secrets, because nobody
 * knows beforehand which of them are. */
typedef struct
{
  const char *text; /* borrowed from the body */
  gsize length;
  BfyJsonSlice root;   /* when it is JSON */
  gboolean is_form;    /* else JSON */
  gboolean is_guessed; /* the server did not say that it is a form: to be believed only if it has
                          what is looked for */
} BfyOAuthMembers;

typedef enum
{
  BFY_MEMBER_ABSENT,  /* or null */
  BFY_MEMBER_PRESENT, /* the value is set */
  BFY_MEMBER_WRONG,   /* of another type, twice in a form, or too long */
} BfyOAuthMember;

/* Of a list of scopes, an error code, a URL. */
#define BFY_OAUTH_TEXT_BYTES_MAX (8 * 1024)
/* A number of seconds beyond this one means this one, 316 years. */
#define BFY_OAUTH_SECONDS_MAX G_GINT64_CONSTANT (10000000000)

/* FALSE when @body is neither a JSON object nor a form. @content_type may be NULL and may be wrong.
 * @body must outlive @self. */
gboolean bfy_oauth_members_init (BfyOAuthMembers *self,
                                 const char *content_type,
                                 const BfySecret *body) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full) A text of any length, which may be empty. */
BfyOAuthMember
bfy_oauth_members_get_secret (const BfyOAuthMembers *self, const char *name, BfySecret **value);
/* (transfer full) A text that is no secret: ASCII without control characters, not empty. */
BfyOAuthMember
bfy_oauth_members_get_text (const BfyOAuthMembers *self, const char *name, char **text);
/* A number, also written as a text, that is finite and not negative. Fractions are cut off, but
 * what is not zero does not become zero. */
BfyOAuthMember
bfy_oauth_members_get_seconds (const BfyOAuthMembers *self, const char *name, gint64 *seconds);
