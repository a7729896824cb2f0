/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/json.h"
#include "protocol/kdf.h"

/* A key that was derived from what a person typed, in the body of a request: BFY_KDF_KEY_BYTES in
 * base64, taken into a BfySecret from the bytes of the request, which the caller then wipes
 * (bfy_request_wipe_body()). NULL in @key when it is not there and not needed.
 * BFY_ERROR_BAD_REQUEST. */
gboolean bfy_key_member_take (const BfyJsonSlice *object,
                              const char *name,
                              gboolean is_needed,
                              BfySecret **key,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A secret as it is written, taken from the bytes of a request that are ours alone: it is
 * overwritten there, so that the rest may be read as an object. NULL when it is not there or is no
 * string. */
BfySecret *bfy_key_member_take_text (const BfyJsonSlice *object, const char *name);
/* The same for who has read it already. @string: with its quotes. */
void bfy_key_member_overwrite (const BfyJsonSlice *string);
/* Only the alphabet, padding at the end: GLib’s decoder would skip what it does not know. */
gboolean bfy_key_member_is_base64 (const char *text, gsize length);
