/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/secret.h"

/* How what a person or a machine keeps becomes the key of a vault's slot: scrypt for passphrases,
 * which are guessed and must cost something; HKDF-SHA256 for what is random already (a key file, a
 * systemd credential, a recovery code). The parameters are public. They are derived from by the
 * client, so that the agent never sees a passphrase and never stands still for half a second. */
typedef enum
{
  BFY_KDF_HKDF_SHA256 = 0,
  BFY_KDF_SCRYPT = 1,
} BfyKdfAlgorithm;

#define BFY_KDF_SALT_BYTES 16
#define BFY_KDF_KEY_BYTES 32

/* scrypt's bounds: 2^14 to 2^20 blocks of 128 * 8 bytes, that is 16 MiB to 1 GiB of memory. Less is
 * no obstacle to guessing, more is an attack on the machine that derives. */
#define BFY_KDF_LOG2_N_MIN 14
#define BFY_KDF_LOG2_N_MAX 20
#define BFY_KDF_LOG2_N_DEFAULT 17
#define BFY_KDF_R 8
#define BFY_KDF_P_MAX 4

/* The cost fields are 0 for HKDF. */
typedef struct
{
  BfyKdfAlgorithm algorithm;
  guint8 salt[BFY_KDF_SALT_BYTES];
  guint log2_n;
  guint r;
  guint p;
} BfyKdf;

/* Whether the parameters are within the bounds above: asked whenever they were read from somewhere,
 * before any work. BFY_ERROR_INVALID_ARGUMENT; the message is a clause, “its key derivation …”. */
gboolean bfy_kdf_check (const BfyKdf *kdf, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Fills in a random salt; leaves the rest. BFY_ERROR_FAILED without random numbers. */
gboolean bfy_kdf_make_salt (BfyKdf *kdf, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* BFY_KDF_KEY_BYTES out of @input, after bfy_kdf_check(). BFY_ERROR_INVALID_ARGUMENT for an empty
 * @input, BFY_ERROR_FAILED when the memory for it is not there. With scrypt this takes as long as
 * the cost says: not for the agent's main loop. */
BfySecret *bfy_kdf_derive (const BfyKdf *kdf,
                           const BfySecret *input,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* {"algorithm":"scrypt","salt":base64,"log2_n":17,"r":8,"p":1}, or {"algorithm":"hkdf-sha256",
 * "salt":base64}. Free with json_object_unref(). */
JsonObject *bfy_kdf_to_json (const BfyKdf *kdf);
/* BFY_ERROR_BAD_REQUEST naming the member; what is read has passed bfy_kdf_check(). */
gboolean
bfy_kdf_from_json (JsonObject *object, BfyKdf *kdf, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "scrypt", "hkdf-sha256". Static. */
const char *bfy_kdf_algorithm_to_wire (BfyKdfAlgorithm algorithm);
