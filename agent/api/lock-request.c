/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/lock-request.h"

#include "agent/api/key-member.h"
#include "protocol/error.h"

#define SLOT_MAX 255

void
bfy_lock_request_clear (BfyLockRequest *self)
{
  g_clear_pointer (&self->key, bfy_secret_unref);
  g_clear_pointer (&self->old_key, bfy_secret_unref);
}

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, what);

  return FALSE;
}

static gboolean
find (const BfyJsonSlice *object, const char *name, BfyJsonSlice *value)
{
  return bfy_json_slice_member (object, name, value) && value->type != BFY_JSON_NULL;
}

/* A passphrase must have cost something. */
static gboolean
take_kdf (BfyLockRequest *self, const BfyJsonSlice *root, GError **error)
{
  BfyJsonSlice slice;
  g_autoptr (JsonObject) kdf = NULL;

  if (find (root, "kdf", &slice) != (self->key != NULL))
    return refuse (error, "“kdf” and “key” belong together");
  if (self->key == NULL)
    return TRUE;
  if (slice.type != BFY_JSON_OBJECT)
    return refuse (error, "“kdf” must be an object");
  kdf = bfy_json_parse_object (slice.start, slice.length, error);
  if (kdf == NULL || !bfy_kdf_from_json (kdf, &self->kdf, error))
    return FALSE;

  return self->kdf.algorithm == BFY_KDF_SCRYPT || refuse (error, "“kdf” must be one of scrypt");
}

static gboolean
take_slot (BfyLockRequest *self, const BfyJsonSlice *root, GError **error)
{
  BfyJsonSlice slice;
  g_autofree char *text = NULL;
  guint64 number;

  if (!find (root, "slot", &slice))
    return TRUE;
  text = g_strndup (slice.start, slice.length);
  if (slice.type != BFY_JSON_NUMBER || self->key == NULL ||
      !g_ascii_string_to_unsigned (text, 10, 1, SLOT_MAX, &number, NULL))
    return refuse (error, "“slot” must be the number of a key slot, with its “key”");
  self->slot = (guint) number;

  return TRUE;
}

static gboolean
take_keyring (BfyLockRequest *self, const BfyJsonSlice *root, GError **error)
{
  BfyJsonSlice slice;

  if (!find (root, "keyring", &slice) || slice.type == BFY_JSON_FALSE)
    return TRUE;
  if (slice.type != BFY_JSON_TRUE || self->key != NULL)
    return refuse (error, "“keyring” must be true or false, without a “key”");
  self->is_by_keyring = TRUE;

  return TRUE;
}

static gboolean
take_form (BfyLockRequest *self, BfyLockRequestForm form, const BfyJsonSlice *root, GError **error)
{
  if (!bfy_key_member_take (root, "key", FALSE, &self->key, error))
    return FALSE;
  switch (form)
    {
    case BFY_LOCK_REQUEST_CLOSE:
      return take_kdf (self, root, error);
    case BFY_LOCK_REQUEST_OPEN:
      return take_slot (self, root, error) && take_keyring (self, root, error);
    case BFY_LOCK_REQUEST_APPROVAL:
      return take_kdf (self, root, error) &&
             bfy_key_member_take (root, "old_key", FALSE, &self->old_key, error);
    }
  g_return_val_if_reached (FALSE);
}

gboolean
bfy_lock_request_parse (BfyLockRequest *self, BfyLockRequestForm form, GBytes *body, GError **error)
{
  static const char *const known[][4] = {
    [BFY_LOCK_REQUEST_CLOSE] = { "kdf", "key", NULL },
    [BFY_LOCK_REQUEST_OPEN] = { "slot", "key", "keyring", NULL },
    [BFY_LOCK_REQUEST_APPROVAL] = { "old_key", "kdf", "key", NULL },
  };
  BfyJsonSlice root;
  gsize length = 0;
  const char *text = body != NULL ? g_bytes_get_data (body, &length) : NULL;

  *self = (BfyLockRequest){ 0 };
  if (length == 0)
    return TRUE;
  if (!bfy_json_check (text, length, error))
    return FALSE;
  bfy_json_slice_root (text, length, &root);
  if (root.type != BFY_JSON_OBJECT)
    return refuse (error, "The body must be an object");

  return bfy_json_slice_refuse_unknown (&root, known[form], error) &&
         take_form (self, form, &root, error);
}
