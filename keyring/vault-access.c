/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/vault-access.h"

#include <gio/gio.h>
#include <string.h>

#include "keyring/vault-format1.h"
#include "keyring/vault-key-file.h"
#include "protocol/error.h"

#define CREDENTIAL_BYTES_MIN 16

BfyVaultAccess *
bfy_vault_access_new (const char *directory)
{
  BfyVaultAccess *self = g_new0 (BfyVaultAccess, 1);

  self->directory = g_strdup (directory);

  return self;
}

void
bfy_vault_access_forget (BfyVaultAccess *self)
{
  g_clear_pointer (&self->vault_key, bfy_secret_unref);
}

void
bfy_vault_access_free (BfyVaultAccess *self)
{
  if (self == NULL)
    return;

  bfy_vault_access_forget (self);
  bfy_secret_unref (self->credential);
  g_free (self->key_file);
  g_free (self->directory);
  g_free (self);
}

void
bfy_vault_access_remember (BfyVaultAccess *self, const BfyVaultFile *file)
{
  BfySecret *key = bfy_secret_ref (file->key);

  bfy_vault_access_forget (self);
  self->vault_key = key;
  memcpy (self->vault_id, file->header.id, sizeof self->vault_id);
}

static BfySecret *
derive_from_credential (const BfyVaultAccess *self, const BfyKdf *kdf, GError **error)
{
  if (self->credential == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           "bindify-agent was started without the systemd credential "
                           "“bindify.vault-key”");
      return NULL;
    }
  if (bfy_secret_length (self->credential) < CREDENTIAL_BYTES_MIN)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "The systemd credential “bindify.vault-key” has less than %d bytes; give it 32 "
                   "random ones",
                   CREDENTIAL_BYTES_MIN);
      return NULL;
    }

  return bfy_kdf_derive (kdf, self->credential, error);
}

static BfySecret *
derive (const BfyVaultAccess *self,
        BfyVaultSlotKind kind,
        const BfyKdf *kdf,
        gboolean may_make,
        GError **error)
{
  g_autoptr (BfySecret) key = NULL;

  switch (kind)
    {
    case BFY_VAULT_SLOT_KEY_FILE:
      key = bfy_vault_key_file_read (self, may_make, error);
      return key != NULL ? bfy_kdf_derive (kdf, key, error) : NULL;
    case BFY_VAULT_SLOT_SYSTEMD_CREDENTIAL:
      return derive_from_credential (self, kdf, error);
    case BFY_VAULT_SLOT_PASSPHRASE:
    case BFY_VAULT_SLOT_RECOVERY:
      break;
    }
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       "This kind of key slot needs its key");

  return NULL;
}

/* A secret that a new slot is to be made with has to be there: its absence is no missing vault. */
BfySecret *
bfy_vault_access_derive (const BfyVaultAccess *self,
                         BfyVaultSlotKind kind,
                         const BfyKdf *kdf,
                         gboolean may_make,
                         GError **error)
{
  g_autoptr (GError) local_error = NULL;
  BfySecret *key = derive (self, kind, kdf, may_make, &local_error);

  if (key != NULL)
    return key;
  if (may_make && g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE, local_error->message);
  else
    g_propagate_error (error, g_steal_pointer (&local_error));

  return NULL;
}

static BfyVaultFile *
open_with_key (const BfyVaultImage *image, BfySecret *vault_key, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gsize length;
  const guint8 *bytes = g_bytes_get_data (image->bytes, &length);
  BfyVaultFile *file = bfy_vault_file_open (bytes, length, &image->header, vault_key, &local_error);

  if (file == NULL)
    bfy_vault_disk_explain (image->path, local_error, error);

  return file;
}

/* The vault as format 2 would have it: the key file gets a slot. */
static BfyVaultFile *
convert (const BfyVaultImage *image, GTree *items, const BfySecret *key, GError **error)
{
  g_autoptr (BfyVaultFile) file = bfy_vault_file_new (error);
  g_autoptr (BfySecret) slot_key = NULL;
  BfyVaultSlot slot = { .number = 1, .kind = BFY_VAULT_SLOT_KEY_FILE };

  if (file == NULL || !bfy_kdf_make_salt (&slot.kdf, error))
    return NULL;
  slot.created_at_s = g_get_real_time () / G_USEC_PER_SEC;
  slot_key = bfy_kdf_derive (&slot.kdf, key, error);
  if (slot_key == NULL || !bfy_vault_file_set_slot (file, &slot, slot_key, error))
    return NULL;
  for (GTreeNode *node = g_tree_node_first (items); node != NULL; node = g_tree_node_next (node))
    {
      if (!bfy_vault_file_set (file, g_tree_node_key (node), g_tree_node_value (node), error))
        return NULL;
    }
  file->header.format = image->header.format;
  file->header.generation = image->header.generation;

  return g_steal_pointer (&file);
}

static BfyVaultFile *
open_format1 (const BfyVaultAccess *self, const BfyVaultImage *image, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (BfySecret) key = bfy_vault_key_file_read (self, FALSE, &local_error);
  g_autoptr (GTree) items = NULL;
  gsize length;
  const guint8 *bytes = g_bytes_get_data (image->bytes, &length);

  if (key == NULL && !bfy_vault_key_file_is_wrong (local_error))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (key != NULL)
    items = bfy_vault_format1_open (bytes, length, key, &local_error);
  if (items != NULL)
    return convert (image, items, key, error);

  bfy_vault_key_file_explain (image->path, local_error, error);

  return NULL;
}

/* Whether a slot opens. FALSE and no @error: it does not, for the @reason. */
static BfySecret *
try_kind (const BfyVaultAccess *self,
          const BfyVaultImage *image,
          BfyVaultSlotKind kind,
          GError **reason,
          GError **error)
{
  const BfyVaultSlotRecord *record = bfy_vault_header_find_kind (&image->header, kind);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (BfySecret) slot_key = NULL;
  BfySecret *vault_key;

  if (record == NULL)
    return NULL;
  slot_key = bfy_vault_access_derive (self, kind, &record->slot.kdf, FALSE, &local_error);
  if (slot_key == NULL && !bfy_vault_key_file_is_wrong (local_error))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  vault_key = slot_key != NULL
                  ? bfy_vault_slot_unwrap (record, image->header.id, slot_key, &local_error)
                  : NULL;
  if (vault_key == NULL)
    {
      g_clear_error (reason);
      g_propagate_error (reason, g_steal_pointer (&local_error));
    }

  return vault_key;
}

/* No slot opened by itself. With nothing but a key file, nobody can be asked. */
static void
set_locked (const BfyVaultImage *image, const GError *reason, GError **error)
{
  const BfyVaultHeader *header = &image->header;

  if (bfy_vault_header_find_kind (header, BFY_VAULT_SLOT_PASSPHRASE) != NULL ||
      bfy_vault_header_find_kind (header, BFY_VAULT_SLOT_RECOVERY) != NULL)
    g_set_error (error, BFY_ERROR, BFY_ERROR_LOCKED,
                 "The vault “%s” is locked; run: bindify unlock", image->path);
  else if (bfy_vault_header_find_kind (header, BFY_VAULT_SLOT_SYSTEMD_CREDENTIAL) != NULL)
    g_set_error (error, BFY_ERROR, BFY_ERROR_LOCKED,
                 "The vault “%s” is locked, and opens with the systemd credential "
                 "“bindify.vault-key” only: start bindify-agent with LoadCredential=, as it was "
                 "when the vault was made",
                 image->path);
  else
    bfy_vault_key_file_explain (image->path, reason, error);
}

static BfySecret *
find_vault_key (const BfyVaultAccess *self, const BfyVaultImage *image, GError **error)
{
  static const BfyVaultSlotKind kinds[] = { BFY_VAULT_SLOT_SYSTEMD_CREDENTIAL,
                                            BFY_VAULT_SLOT_KEY_FILE };
  g_autoptr (GError) reason = NULL;

  if (self->vault_key != NULL && memcmp (self->vault_id, image->header.id, BFY_VAULT_ID_BYTES) == 0)
    return bfy_secret_ref (self->vault_key);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GError) local_error = NULL;
      BfySecret *key = try_kind (self, image, kinds[i], &reason, &local_error);

      if (key != NULL)
        return key;
      if (local_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
    }
  set_locked (image, reason, error);

  return NULL;
}

BfyVaultFile *
bfy_vault_access_open (const BfyVaultAccess *self, const BfyVaultImage *image, GError **error)
{
  g_autoptr (BfySecret) key = NULL;

  if (image->header.format != BFY_VAULT_FORMAT)
    return open_format1 (self, image, error);
  key = find_vault_key (self, image, error);

  return key != NULL ? open_with_key (image, key, error) : NULL;
}

BfyVaultFile *
bfy_vault_access_open_slot (const BfyVaultImage *image,
                            guint slot,
                            const BfySecret *slot_key,
                            GError **error)
{
  BfyVaultHeader header = image->header;
  const BfyVaultSlotRecord *record = bfy_vault_header_find (&header, slot);
  g_autoptr (BfySecret) key = NULL;

  if (record == NULL)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                   "The vault “%s” has no key slot %u; see: bindify vault status", image->path,
                   slot);
      return NULL;
    }
  key = bfy_vault_slot_unwrap (record, header.id, slot_key, error);

  return key != NULL ? open_with_key (image, key, error) : NULL;
}

gboolean
bfy_vault_access_remove_key_file (const BfyVaultAccess *self,
                                  const BfyVaultFile *file,
                                  const BfyVaultSlotRecord *record,
                                  GError **error)
{
  g_autoptr (BfySecret) slot_key =
      bfy_vault_access_derive (self, BFY_VAULT_SLOT_KEY_FILE, &record->slot.kdf, FALSE, NULL);
  g_autoptr (BfySecret) vault_key =
      slot_key != NULL ? bfy_vault_slot_unwrap (record, file->header.id, slot_key, NULL) : NULL;

  if (vault_key == NULL || self->key_file != NULL)
    return TRUE;

  return bfy_vault_key_file_remove (self, error);
}
