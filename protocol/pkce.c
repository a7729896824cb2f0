/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/pkce.h"

#include <openssl/sha.h>

#include "protocol/client-key.h"
#include "protocol/secret-writer.h"

static void
fill_verifier (BfySecretWriter *writer, gconstpointer data)
{
  bfy_secret_writer_append_base64url (writer, data, BFY_PKCE_RANDOM_BYTES);
}

BfySecret *
bfy_pkce_verifier_new (const guint8 random[BFY_PKCE_RANDOM_BYTES])
{
  return bfy_secret_build (fill_verifier, random);
}

char *
bfy_pkce_challenge (const BfySecret *verifier)
{
  guint8 digest[SHA256_DIGEST_LENGTH];
  gsize length;
  const guint8 *bytes = bfy_secret_peek (verifier, &length);

  SHA256 (bytes, length, digest);

  return bfy_base64url_encode (digest, sizeof digest);
}
