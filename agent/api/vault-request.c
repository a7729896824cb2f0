/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/vault-request.h"

#include "agent/api/key-member.h"
#include "protocol/error.h"
#include "protocol/json.h"

void
bfy_vault_request_clear (BfyVaultRequest *self)
{
  g_clear_pointer (&self->key, bfy_secret_unref);
  g_clear_pointer (&self->file, g_bytes_unref);
  g_clear_pointer (&self->expected, g_strfreev);
}

static gboolean
bad_member (GError **error, const char *name, const char *what)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "“%s” must be %s", name, what);

  return FALSE;
}

static gboolean
find (const BfyJsonSlice *object, const char *name, BfyJsonSlice *value)
{
  return bfy_json_slice_member (object, name, value) && value->type != BFY_JSON_NULL;
}

static gboolean
take_key (BfyVaultRequest *self, const BfyJsonSlice *object, gboolean is_needed, GError **error)
{
  return bfy_key_member_take (object, "key", is_needed, &self->key, error);
}

static gboolean
take_kdf (BfyVaultRequest *self, const BfyJsonSlice *object, GError **error)
{
  BfyJsonSlice slice;
  g_autoptr (JsonObject) kdf = NULL;

  if (!find (object, "kdf", &slice))
    return TRUE;
  if (slice.type != BFY_JSON_OBJECT)
    return bad_member (error, "kdf", "an object");
  kdf = bfy_json_parse_object (slice.start, slice.length, error);
  self->has_kdf = kdf != NULL && bfy_kdf_from_json (kdf, &self->kdf, error);

  return self->has_kdf;
}

static gboolean
take_kind (BfyVaultRequest *self, const BfyJsonSlice *object, gboolean is_needed, GError **error)
{
  BfyJsonSlice slice;
  g_autofree char *text = NULL;

  if (!find (object, "kind", &slice))
    return !is_needed || bad_member (error, "kind", "given");
  text = bfy_json_slice_dup_string (&slice);
  self->has_kind = text != NULL && bfy_vault_slot_kind_from_wire (text, &self->kind);

  return self->has_kind ||
         bad_member (error, "kind", "key_file, passphrase, systemd_credential or recovery");
}

/* A passphrase must have cost something; what is random already must not be taken for one. */
static gboolean
check_kdf (const BfyVaultRequest *self, GError **error)
{
  gboolean is_scrypt = self->has_kdf && self->kdf.algorithm == BFY_KDF_SCRYPT;

  if (self->key != NULL && !self->has_kdf)
    return bad_member (error, "kdf", "given with a key");
  if (self->key == NULL || !self->has_kind)
    return TRUE;
  if ((self->kind == BFY_VAULT_SLOT_PASSPHRASE) != is_scrypt)
    return bad_member (error, "kdf", "scrypt for a passphrase, and hkdf-sha256 for other keys");

  return TRUE;
}

static gboolean
take_slot (BfyVaultRequest *self, const BfyJsonSlice *root, gboolean is_new, GError **error)
{
  static const char *const known[] = { "kind", "kdf", "key", NULL };
  BfyJsonSlice slot;

  if (!find (root, "slot", &slot) || slot.type != BFY_JSON_OBJECT)
    return bad_member (error, "slot", "an object");

  return bfy_json_slice_refuse_unknown (&slot, known, error) &&
         take_kind (self, &slot, is_new, error) && take_kdf (self, &slot, error) &&
         take_key (self, &slot, FALSE, error) && check_kdf (self, error);
}

static gboolean
take_number (BfyVaultRequest *self, const BfyJsonSlice *root, GError **error)
{
  BfyJsonSlice slice;
  g_autofree char *text = NULL;
  guint64 number;

  if (!find (root, "slot", &slice) || slice.type != BFY_JSON_NUMBER)
    return bad_member (error, "slot", "the number of a key slot");
  text = g_strndup (slice.start, slice.length);
  if (!g_ascii_string_to_unsigned (text, 10, 1, BFY_VAULT_SLOTS_MAX, &number, NULL))
    return bad_member (error, "slot", "the number of a key slot");
  self->slot = (guint) number;

  return TRUE;
}

static gboolean
take_file (BfyVaultRequest *self, const BfyJsonSlice *root, GError **error)
{
  BfyJsonSlice slice;
  g_autofree char *text = NULL;
  gsize length;

  if (!find (root, "file", &slice) || slice.type != BFY_JSON_STRING)
    return bad_member (error, "file", "a vault’s bytes in base64");
  text = g_malloc (slice.length);
  length = bfy_json_slice_unescape (&slice, text);
  if (length == 0 || !bfy_key_member_is_base64 (text, length))
    return bad_member (error, "file", "a vault’s bytes in base64");
  text[length] = '\0';
  g_base64_decode_inplace (text, &length);
  self->file = g_bytes_new_take (g_steal_pointer (&text), length);

  return TRUE;
}

static gboolean
take_expected (BfyVaultRequest *self, const BfyJsonSlice *root, GError **error)
{
  g_autoptr (JsonObject) object = bfy_json_parse_object (root->start, root->length, error);

  return object != NULL && bfy_json_get_strings (object, "expected", &self->expected, error);
}

static gboolean
take_form (BfyVaultRequest *self,
           BfyVaultRequestForm form,
           const BfyJsonSlice *root,
           GError **error)
{
  switch (form)
    {
    case BFY_VAULT_REQUEST_SLOT:
      return take_slot (self, root, TRUE, error);
    case BFY_VAULT_REQUEST_REPLACE:
      return take_slot (self, root, FALSE, error);
    case BFY_VAULT_REQUEST_UNLOCK:
      return take_number (self, root, error) && take_key (self, root, TRUE, error);
    case BFY_VAULT_REQUEST_EXPORT:
      self->has_kind = TRUE;
      self->kind = BFY_VAULT_SLOT_PASSPHRASE;
      return take_kdf (self, root, error) && take_key (self, root, TRUE, error) &&
             check_kdf (self, error);
    case BFY_VAULT_REQUEST_FILE:
      return take_file (self, root, error) && take_key (self, root, FALSE, error);
    case BFY_VAULT_REQUEST_EXPECTED:
      return take_expected (self, root, error);
    }
  g_return_val_if_reached (FALSE);
}

gboolean
bfy_vault_request_parse (BfyVaultRequest *self,
                         BfyVaultRequestForm form,
                         GBytes *body,
                         GError **error)
{
  static const char *const known[][3] = {
    [BFY_VAULT_REQUEST_SLOT] = { "slot", NULL },
    [BFY_VAULT_REQUEST_REPLACE] = { "slot", NULL },
    [BFY_VAULT_REQUEST_UNLOCK] = { "slot", "key", NULL },
    [BFY_VAULT_REQUEST_EXPORT] = { "kdf", "key", NULL },
    [BFY_VAULT_REQUEST_FILE] = { "file", "key", NULL },
    [BFY_VAULT_REQUEST_EXPECTED] = { "expected", NULL },
  };
  BfyJsonSlice root;
  gsize length = 0;
  const char *text = body != NULL ? g_bytes_get_data (body, &length) : NULL;

  *self = (BfyVaultRequest){ 0 };
  if (length == 0 && form == BFY_VAULT_REQUEST_EXPECTED)
    return TRUE;
  if (!bfy_json_check (text != NULL ? text : "", length, error))
    return FALSE;
  bfy_json_slice_root (text, length, &root);
  if (root.type != BFY_JSON_OBJECT)
    return bad_member (error, "the body", "an object");

  return bfy_json_slice_refuse_unknown (&root, known[form], error) &&
         take_form (self, form, &root, error);
}
