/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/credential.h"

/* What writing and reading the keyring form have in common. */
#define BFY_CREDENTIAL_VERSION "1"
#define BFY_N_CREDENTIAL_TYPES (BFY_CREDENTIAL_CUSTOM + 1)

typedef struct
{
  const char *wire;
  const char *secret_member;
  gboolean has_username;
  gboolean has_tokens; /* a refresh token and an expiry */
  const char *spared;  /* control characters that a request may hold */
  guint8 last_allowed; /* highest byte that a request may hold */
} BfyCredentialTypeRow;

extern const BfyCredentialTypeRow bfy_credential_types[BFY_N_CREDENTIAL_TYPES];
