/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/credential.h"
#include "protocol/json.h"
#include "protocol/secret-writer.h"

/* What writing and reading the keyring form have in common. */
#define BFY_CREDENTIAL_VERSION "1"
#define BFY_N_CREDENTIAL_TYPES (BFY_CREDENTIAL_CUSTOM + 1)

typedef struct
{
  const char *wire;
  const char *secret_member;
  gboolean has_username;
  gboolean has_tokens; /* a refresh token, times, and where they come from */
  const char *spared;  /* control characters that a request may hold */
  guint8 last_allowed; /* highest byte that a request may hold */
} BfyCredentialTypeRow;

extern const BfyCredentialTypeRow bfy_credential_types[BFY_N_CREDENTIAL_TYPES];

/* ,"name":"…" and ,"name":12 */
void bfy_credential_append_text (BfySecretWriter *writer, const char *name, const char *text);
void
bfy_credential_append_secret (BfySecretWriter *writer, const char *name, const BfySecret *secret);
void bfy_credential_append_number (BfySecretWriter *writer, const char *name, gint64 number);

/* Each reason is a sentence of ours: nothing that was read is ever quoted. FALSE. */
gboolean bfy_credential_refuse (GError **error, const char *reason);
/* A slice without start was not there: the value stays as it is. */
gboolean bfy_credential_read_time (const BfyJsonSlice *slice, gint64 *unix_s, GError **error);
/* From one secret into another; not empty, not too long. */
BfySecret *
bfy_credential_read_secret (const BfyJsonSlice *slice, gboolean is_trimmed, GError **error);

/* credential-source.c: the member "source" of an oauth_token. */
void bfy_credential_append_source (BfySecretWriter *writer, const BfyOAuthSource *source);
BfyOAuthSource *bfy_credential_read_source (const BfyJsonSlice *object, GError **error);
