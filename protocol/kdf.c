/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/kdf.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "protocol/cipher.h"
#include "protocol/error.h"
#include "protocol/json.h"

#define HKDF_INFO "bindify vault slot"
/* scrypt's own buffers beside the blocks, with room to spare. */
#define SCRYPT_SPARE_BYTES (1024 * 1024)

G_STATIC_ASSERT (BFY_KDF_KEY_BYTES == BFY_CIPHER_KEY_BYTES);

static const struct
{
  const char *wire;
  gboolean has_cost;
} algorithms[] = {
  [BFY_KDF_HKDF_SHA256] = { "hkdf-sha256", FALSE },
  [BFY_KDF_SCRYPT] = { "scrypt", TRUE },
};

const char *
bfy_kdf_algorithm_to_wire (BfyKdfAlgorithm algorithm)
{
  return algorithms[algorithm].wire;
}

static gboolean
fail (GError **error, const char *clause)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, clause);

  return FALSE;
}

gboolean
bfy_kdf_check (const BfyKdf *kdf, GError **error)
{
  if ((guint) kdf->algorithm >= G_N_ELEMENTS (algorithms))
    return fail (error, "its key derivation is not known to this bindify");
  if (!algorithms[kdf->algorithm].has_cost)
    return kdf->log2_n == 0 && kdf->r == 0 && kdf->p == 0
               ? TRUE
               : fail (error, "its key derivation has a cost where it has none");
  if (kdf->log2_n > BFY_KDF_LOG2_N_MAX || kdf->r > BFY_KDF_R || kdf->p > BFY_KDF_P_MAX)
    return fail (error, "its key derivation costs more than any that bindify asks for");
  if (kdf->log2_n < BFY_KDF_LOG2_N_MIN || kdf->r < BFY_KDF_R || kdf->p < 1)
    return fail (error, "its key derivation is too cheap to protect anything");

  return TRUE;
}

gboolean
bfy_kdf_make_salt (BfyKdf *kdf, GError **error)
{
  return bfy_cipher_random (kdf->salt, sizeof kdf->salt, error);
}

static BfySecret *
derive_scrypt (const BfyKdf *kdf, const BfySecret *input, GError **error)
{
  guint8 *bytes;
  g_autoptr (BfySecret) key = bfy_secret_new_blank (BFY_KDF_KEY_BYTES, &bytes);
  guint64 n_blocks = G_GUINT64_CONSTANT (1) << kdf->log2_n;
  guint64 memory = 128 * kdf->r * (n_blocks + kdf->p) + SCRYPT_SPARE_BYTES;

  if (EVP_PBE_scrypt (bfy_secret_peek_text (input), bfy_secret_length (input), kdf->salt,
                      sizeof kdf->salt, n_blocks, kdf->r, kdf->p, memory, bytes,
                      BFY_KDF_KEY_BYTES) == 1)
    return g_steal_pointer (&key);

  ERR_clear_error ();
  g_set_error (error, BFY_ERROR, BFY_ERROR_FAILED,
               "The key cannot be derived from the passphrase: that takes %" G_GUINT64_FORMAT
               " MiB of memory",
               memory >> 20);

  return NULL;
}

BfySecret *
bfy_kdf_derive (const BfyKdf *kdf, const BfySecret *input, GError **error)
{
  if (!bfy_kdf_check (kdf, error))
    return NULL;
  if (bfy_secret_length (input) == 0)
    {
      fail (error, "There is nothing to derive a key from");
      return NULL;
    }
  if (kdf->algorithm == BFY_KDF_SCRYPT)
    return derive_scrypt (kdf, input, error);

  return bfy_cipher_hkdf (input, kdf->salt, sizeof kdf->salt, HKDF_INFO, error);
}

JsonObject *
bfy_kdf_to_json (const BfyKdf *kdf)
{
  JsonObject *object = json_object_new ();
  g_autofree char *salt = g_base64_encode (kdf->salt, sizeof kdf->salt);

  json_object_set_string_member (object, "algorithm", bfy_kdf_algorithm_to_wire (kdf->algorithm));
  json_object_set_string_member (object, "salt", salt);
  if (!algorithms[kdf->algorithm].has_cost)
    return object;

  json_object_set_int_member (object, "log2_n", kdf->log2_n);
  json_object_set_int_member (object, "r", kdf->r);
  json_object_set_int_member (object, "p", kdf->p);

  return object;
}

static gboolean
fail_member (GError **error, const char *name)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "“%s” of the key derivation is wrong",
               name);

  return FALSE;
}

static gboolean
read_algorithm (JsonObject *object, BfyKdf *kdf, GError **error)
{
  const char *wire = NULL;

  if (!bfy_json_get_string (object, "algorithm", &wire, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (algorithms); i++)
    {
      if (g_strcmp0 (algorithms[i].wire, wire) == 0)
        {
          kdf->algorithm = i;
          return TRUE;
        }
    }

  return fail_member (error, "algorithm");
}

static gboolean
read_salt (JsonObject *object, BfyKdf *kdf, GError **error)
{
  const char *text = NULL;
  g_autofree guint8 *bytes = NULL;
  g_autofree char *again = NULL;
  gsize length;

  if (!bfy_json_get_string (object, "salt", &text, error))
    return FALSE;
  if (text == NULL || strlen (text) > 2 * sizeof kdf->salt)
    return fail_member (error, "salt");

  bytes = g_base64_decode (text, &length);
  again = g_base64_encode (bytes, length);
  if (length != sizeof kdf->salt || strcmp (again, text) != 0)
    return fail_member (error, "salt");
  memcpy (kdf->salt, bytes, sizeof kdf->salt);

  return TRUE;
}

static gboolean
read_cost (JsonObject *object, const char *name, guint *cost, GError **error)
{
  gint64 number = 0;

  if (!bfy_json_get_int (object, name, &number, error))
    return FALSE;
  if (number < 0 || number > G_MAXINT32)
    return fail_member (error, name);
  *cost = (guint) number;

  return TRUE;
}

gboolean
bfy_kdf_from_json (JsonObject *object, BfyKdf *kdf, GError **error)
{
  static const char *const names[] = { "algorithm", "salt", "log2_n", "r", "p", NULL };
  g_autoptr (GError) local_error = NULL;

  if (!bfy_json_refuse_unknown (object, names, error) || !read_algorithm (object, kdf, error) ||
      !read_salt (object, kdf, error) || !read_cost (object, "log2_n", &kdf->log2_n, error) ||
      !read_cost (object, "r", &kdf->r, error) || !read_cost (object, "p", &kdf->p, error))
    return FALSE;
  if (bfy_kdf_check (kdf, &local_error))
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "The slot cannot be used: %s",
               local_error->message);

  return FALSE;
}
