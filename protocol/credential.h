/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "protocol/oauth-source.h"
#include "protocol/secret.h"

/* What rests in the keyring for one binding (behaviour 12.3, 9.5). In the keyring it is a small
 * JSON object, {"v":1,"type":"api_key","api_key":"…"}; here its secret parts are BfySecrets. */
typedef enum
{
  BFY_CREDENTIAL_API_KEY,
  BFY_CREDENTIAL_OAUTH_TOKEN,
  BFY_CREDENTIAL_BASIC_AUTH,
  BFY_CREDENTIAL_CUSTOM,
} BfyCredentialType;

typedef struct
{
  BfyCredentialType type;
  char *username;         /* (owned) (nullable) basic_auth */
  BfySecret *secret;      /* (owned) the key, access token or password; never empty */
  BfySecret *refresh;     /* (owned) (nullable) oauth_token */
  gint64 issued_at_s;     /* oauth_token: Unix time, 0 = not known */
  gint64 expires_at_s;    /* oauth_token: Unix time, 0 = never */
  BfyOAuthSource *source; /* (owned) (nullable) oauth_token: NULL for a token given by hand */
} BfyCredential;

/* Takes references. Secrets are UTF-8 without NUL, else what _seal makes cannot be opened. */
BfyCredential *bfy_credential_new (BfyCredentialType type, const char *username, BfySecret *secret);
void bfy_credential_free (BfyCredential *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyCredential, bfy_credential_free)

/* The keyring form; every intermediate buffer is secret memory. */
BfySecret *bfy_credential_seal (const BfyCredential *self);
/* BFY_ERROR_CREDENTIAL_DAMAGED when it is not what _seal makes: not JSON, unknown version, type or
 * member, empty secret, trailing bytes. */
BfyCredential *bfy_credential_open (const BfySecret *sealed,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* From the body of a control request, {"type":…,"api_key"|"password"|"access_token":…}; @text must
 * be checked JSON (a slice into the request), so that nothing is copied on the ordinary heap. The
 * members are those of the keyring form without "v". Trims surrounding ASCII white space;
 * BFY_ERROR_INVALID_ARGUMENT for an empty or too long secret, control characters (a custom value
 * may have several lines), and in keys and tokens bytes over 0x7e. */
BfyCredential *bfy_credential_from_request (const char *text,
                                            gsize length,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

const char *bfy_credential_type_to_wire (BfyCredentialType type);
gboolean bfy_credential_type_from_wire (const char *wire, BfyCredentialType *type);
