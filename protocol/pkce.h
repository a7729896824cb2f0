/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* Proof Key for Code Exchange (RFC 7636), S256 only: who exchanges a code shows that it began the
 * sign-in. */
#define BFY_PKCE_RANDOM_BYTES 64 /* behaviour 3.5 */
#define BFY_PKCE_VERIFIER_LENGTH 86
#define BFY_PKCE_CHALLENGE_LENGTH 43

/* Their base64url text. */
BfySecret *bfy_pkce_verifier_new (const guint8 random[BFY_PKCE_RANDOM_BYTES]);
/* base64url of its SHA-256. Free with g_free(). */
char *bfy_pkce_challenge (const BfySecret *verifier);
