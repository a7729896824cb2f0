/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/json.h"
#include "protocol/secret.h"

/* The key a client program presents: 64 random bytes, half for look-up, half for proof
 * (behaviour 3.1). Only the SHA-256 of all 64 bytes is ever stored. */

#define BFY_CLIENT_KEY_PREFIX "bnd_local_"
#define BFY_CLIENT_KEY_BYTES 64
#define BFY_CLIENT_KEY_TEXT_LENGTH 86 /* base64url without padding */
#define BFY_CLIENT_KEY_HASH_BYTES 32

/* @text with or without the prefix; decoded, re-encoded and compared, so each key has exactly one
 * spelling. Any other prefix (live, stg, test of the hosted product), length or spelling: NULL.
 * No GError: every reason is the same "not found" (behaviour 3.3). */
BfySecret *bfy_client_key_parse (const char *text, gsize length);
/* 64 random bytes. BFY_ERROR_FAILED when there is no randomness. */
BfySecret *bfy_client_key_new (GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The second half: what sealed bindings are opened with (behaviour 11). Never stored. */
BfySecret *bfy_client_key_proof (const BfySecret *key);
/* The 86 characters as a secret, without the prefix. @key holds 64 bytes. */
BfySecret *bfy_client_key_to_text (const BfySecret *key);
/* The printed form, bnd_local_ + 86 characters. */
BfySecret *bfy_client_key_to_printed (const BfySecret *key);
void bfy_client_key_hash (const BfySecret *key, guint8 hash[BFY_CLIENT_KEY_HASH_BYTES]);
/* Takes the key out of an Authorization header value: scheme Bearer, any case, one space or more.
 * NULL when it is anything else. */
BfySecret *bfy_client_key_from_authorization (const char *value);

/* Takes the key out of a string in a request, in either form. NULL when it is anything else. */
BfySecret *bfy_client_key_from_slice (const BfyJsonSlice *slice);

/* base64url without padding, for every random text of ours (behaviour 3.5). Free with g_free(). */
char *bfy_base64url_encode (const guint8 *data, gsize length);
/* NULL unless canonical: alphabet, no padding, spare bits zero. Free with g_free(). */
guint8 *bfy_base64url_decode (const char *text, gsize text_length, gsize *length);
