/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/secret.h"

/* The body of a request that gives a binding its credential: what everybody may see of it, joined
 * with the secrets in memory that is locked and wiped. */

typedef enum
{
  BFY_TYPED_KEY,       /* one word: a token */
  BFY_TYPED_PAIR,      /* a user name and a password or token */
  BFY_TYPED_FREE_FORM, /* any text, as a local command takes it */
} BfyTypedKind;

typedef struct
{
  BfyTypedKind kind;
  const char *username; /* of a pair */
  const BfySecret *secret;
} BfyTypedCredential;

/* How to sign in instead (SignInWish of protocol/openapi.yaml). */
typedef struct
{
  const char *flow;               /* "browser", "device", "machine" */
  const char *client_id;          /* (nullable) */
  const char *scope;              /* (nullable) */
  const BfySecret *client_secret; /* (nullable) */
  gboolean allow_no_pkce;
} BfySignInFields;

/* At most one of the first two. */
typedef struct
{
  const BfyTypedCredential *typed; /* (nullable) */
  const BfySignInFields *sign_in;  /* (nullable) */
  const BfySecret *client_key;     /* (nullable) printed form */
} BfySecretPart;

/* @open_part: taken. */
GBytes *bfy_secret_body_new (JsonObject *open_part, const BfySecretPart *part);
/* The members of @part, each with a comma before it; @out must have room for
 * bfy_secret_part_bytes_max() more, because growing would leave the secrets behind. */
void bfy_secret_part_append (const BfySecretPart *part, GString *out);
gsize bfy_secret_part_bytes_max (const BfySecretPart *part);
/* A token goes into a header or a URL: one word of visible characters. The agent checks again.
 * BFY_ERROR_INVALID_ARGUMENT. */
gboolean bfy_secret_body_check_token (const BfySecret *secret,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
