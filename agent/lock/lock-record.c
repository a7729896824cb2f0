/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/lock/lock-record.h"

#include <openssl/crypto.h>
#include <string.h>

#include "protocol/error.h"
#include "protocol/json.h"

#define BYTES_MAX 4096
#define VERIFIER_TEXT_LENGTH 44
#define HELD_ALL (BFY_HELD_SCREEN | BFY_HELD_SLEEP | BFY_HELD_SESSION)

static void
hash (const BfySecret *key, guint8 digest[BFY_VERIFIER_BYTES])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length, size = BFY_VERIFIER_BYTES;
  const guint8 *bytes = bfy_secret_peek (key, &length);

  g_checksum_update (checksum, bytes, (gssize) length);
  g_checksum_get_digest (checksum, digest, &size);
}

gboolean
bfy_verifier_set (BfyVerifier *self, const BfyKdf *kdf, const BfySecret *key, GError **error)
{
  if (kdf->algorithm != BFY_KDF_SCRYPT || bfy_secret_length (key) != BFY_KDF_KEY_BYTES)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           "A passphrase must have gone through scrypt");
      return FALSE;
    }
  if (!bfy_kdf_check (kdf, error))
    return FALSE;

  self->is_set = TRUE;
  self->kdf = *kdf;
  hash (key, self->digest);

  return TRUE;
}

gboolean
bfy_verifier_fits (const BfyVerifier *self, const BfySecret *key)
{
  guint8 digest[BFY_VERIFIER_BYTES];

  hash (key, digest);

  return CRYPTO_memcmp (digest, self->digest, sizeof digest) == 0 && self->is_set;
}

void
bfy_verifier_clear (BfyVerifier *self)
{
  bfy_wipe (self, sizeof *self);
}

static gboolean
read_verifier (const char *text, BfyVerifier *passphrase)
{
  g_autofree guint8 *bytes = NULL;
  gsize length = 0;

  if (strlen (text) != VERIFIER_TEXT_LENGTH)
    return FALSE;
  bytes = g_base64_decode (text, &length);
  if (length != BFY_VERIFIER_BYTES)
    return FALSE;
  memcpy (passphrase->digest, bytes, length);

  return TRUE;
}

static gboolean
read_passphrase (JsonObject *object, const char *name, BfyVerifier *passphrase, GError **error)
{
  static const char *const known[] = { "kdf", "verifier", NULL };
  JsonObject *member = NULL, *kdf = NULL;
  const char *verifier = "";

  if (!bfy_json_get_object (object, name, &member, error))
    return FALSE;
  if (member == NULL)
    return TRUE;
  if (!bfy_json_refuse_unknown (member, known, error) ||
      !bfy_json_get_object (member, "kdf", &kdf, error) ||
      !bfy_json_get_string (member, "verifier", &verifier, error) || kdf == NULL ||
      !bfy_kdf_from_json (kdf, &passphrase->kdf, error))
    return FALSE;
  passphrase->is_set = TRUE;

  return passphrase->kdf.algorithm == BFY_KDF_SCRYPT && read_verifier (verifier, passphrase);
}

static gboolean
read_all (BfyLockRecord *self, JsonObject *object, GError **error)
{
  static const char *const known[] = {
    "frozen", "plain", "held", "lock", "approval", "wrong", NULL
  };
  gint64 held = 0, n_wrong = 0;

  if (!bfy_json_refuse_unknown (object, known, error) ||
      !bfy_json_get_boolean (object, "frozen", &self->is_frozen, error) ||
      !bfy_json_get_boolean (object, "plain", &self->is_plain, error) ||
      !bfy_json_get_int (object, "held", &held, error) ||
      !bfy_json_get_int (object, "wrong", &n_wrong, error) ||
      !read_passphrase (object, "lock", &self->lock, error) ||
      !read_passphrase (object, "approval", &self->approval, error))
    return FALSE;
  self->held = (guint) held;
  self->n_wrong = (guint) CLAMP (n_wrong, 0, G_MAXINT);

  return held >= 0 && held <= HELD_ALL && n_wrong >= 0;
}

gboolean
bfy_lock_record_parse (BfyLockRecord *self, GBytes *bytes, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  g_autoptr (JsonObject) object = NULL;

  *self = (BfyLockRecord){ 0 };
  if (length > 0 && length <= BYTES_MAX)
    object = bfy_json_parse_object (text, length, NULL);
  if (object != NULL && read_all (self, object, NULL))
    return TRUE;

  *self = (BfyLockRecord){ 0 };
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_STORE_DAMAGED,
                       "What was kept of the agent’s lock cannot be understood");

  return FALSE;
}

static void
write_passphrase (JsonObject *object, const char *name, const BfyVerifier *passphrase)
{
  g_autofree char *verifier = g_base64_encode (passphrase->digest, BFY_VERIFIER_BYTES);
  JsonObject *member;

  if (!passphrase->is_set)
    return;
  member = json_object_new ();
  json_object_set_object_member (member, "kdf", bfy_kdf_to_json (&passphrase->kdf));
  json_object_set_string_member (member, "verifier", verifier);
  json_object_set_object_member (object, name, member);
}

GBytes *
bfy_lock_record_write (const BfyLockRecord *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  gsize length;
  char *text;

  if (!self->is_frozen && !self->is_plain && self->held == 0 && !self->lock.is_set &&
      !self->approval.is_set && self->n_wrong == 0)
    return NULL;

  json_object_set_boolean_member (object, "frozen", self->is_frozen);
  json_object_set_boolean_member (object, "plain", self->is_plain);
  json_object_set_int_member (object, "held", self->held);
  json_object_set_int_member (object, "wrong", self->n_wrong);
  write_passphrase (object, "lock", &self->lock);
  write_passphrase (object, "approval", &self->approval);
  text = bfy_json_object_to_text (object, &length);

  return g_bytes_new_take (text, length);
}
