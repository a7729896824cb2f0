/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/vault-change.h"

#include <gio/gio.h>

#include "keyring/vault-rotation.h"
#include "protocol/error.h"

BfyVaultChangeCopy *
bfy_vault_change_copy (const BfyVaultChange *change)
{
  BfyVaultChangeCopy *self = g_new0 (BfyVaultChangeCopy, 1);

  self->change = *change;
  self->fingerprint = g_strdup (change->fingerprint);
  self->expected = g_strdupv ((GStrv) change->expected);
  self->change.fingerprint = self->fingerprint;
  self->change.expected = (const char *const *) self->expected;
  if (change->slot_key != NULL)
    bfy_secret_ref (change->slot_key);
  if (change->bytes != NULL)
    g_bytes_ref (change->bytes);

  return self;
}

void
bfy_vault_change_copy_free (BfyVaultChangeCopy *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->change.slot_key, bfy_secret_unref);
  g_clear_pointer (&self->change.bytes, g_bytes_unref);
  g_free (self->fingerprint);
  g_strfreev (self->expected);
  g_free (self);
}

/* The one that is at hand, under a salt of ours. That it is missing says nothing about the vault.
 */
static BfySecret *
slot_key_at_hand (const BfyVaultAccess *access, BfyVaultSlot *slot, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  BfySecret *slot_key;

  slot->kdf = (BfyKdf){ .algorithm = BFY_KDF_HKDF_SHA256 };
  if (!bfy_kdf_make_salt (&slot->kdf, error))
    return NULL;
  slot_key = bfy_vault_access_derive (access, slot->kind, &slot->kdf, TRUE, &local_error);
  if (slot_key != NULL)
    return slot_key;

  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, local_error->message);
  else
    g_propagate_error (error, g_steal_pointer (&local_error));

  return NULL;
}

static BfySecret *
slot_key_for (const BfyVaultAccess *access,
              const BfyVaultChange *change,
              BfyVaultSlot *slot,
              GError **error)
{
  slot->created_at_s = g_get_real_time () / G_USEC_PER_SEC;
  if (change->slot_key == NULL)
    return slot_key_at_hand (access, slot, error);
  if (bfy_secret_length (change->slot_key) != BFY_VAULT_KEY_BYTES)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "A slot's key has %d bytes",
                   BFY_VAULT_KEY_BYTES);
      return NULL;
    }
  slot->kdf = change->kdf;

  return bfy_secret_ref (change->slot_key);
}

static gboolean
set_slot (BfyVaultFile *file,
          const BfyVaultAccess *access,
          const BfyVaultChange *change,
          BfyVaultSlot *slot,
          GError **error)
{
  g_autoptr (BfySecret) slot_key = slot_key_for (access, change, slot, error);

  return slot_key != NULL && bfy_vault_file_set_slot (file, slot, slot_key, error);
}

BfyVaultFile *
bfy_vault_change_init (const BfyVaultAccess *access, const BfyVaultChange *change, GError **error)
{
  g_autoptr (BfyVaultFile) file = bfy_vault_file_new (error);
  BfyVaultSlot slot = { .number = 1, .kind = change->kind };

  if (file == NULL || !set_slot (file, access, change, &slot, error))
    return NULL;

  return g_steal_pointer (&file);
}

/* One key file and one credential are all that is tried without asking. */
static gboolean
check_new_kind (const BfyVaultFile *file, BfyVaultSlotKind kind, GError **error)
{
  if (kind != BFY_VAULT_SLOT_KEY_FILE && kind != BFY_VAULT_SLOT_SYSTEMD_CREDENTIAL)
    return TRUE;
  if (bfy_vault_header_find_kind (&file->header, kind) == NULL)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_EXISTS,
               "The vault has a slot for a %s already; see: bindify vault status",
               kind == BFY_VAULT_SLOT_KEY_FILE ? "key file" : "systemd credential");

  return FALSE;
}

static gboolean
add_slot (BfyVaultFile *file,
          const BfyVaultAccess *access,
          const BfyVaultChange *change,
          guint *number,
          GError **error)
{
  BfyVaultSlot slot = { .number = bfy_vault_header_free_number (&file->header),
                        .kind = change->kind };

  if (!check_new_kind (file, change->kind, error))
    return FALSE;
  if (slot.number == 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_STORAGE,
                   "All %d key slots of the vault are taken; remove one first: bindify vault "
                   "remove-key SLOT",
                   BFY_VAULT_SLOTS_MAX);
      return FALSE;
    }
  *number = slot.number;

  return set_slot (file, access, change, &slot, error);
}

static BfyVaultSlotRecord *
find_slot (BfyVaultFile *file, guint number, GError **error)
{
  BfyVaultSlotRecord *record = bfy_vault_header_find (&file->header, number);

  if (record == NULL)
    g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                 "The vault has no key slot %u; see: bindify vault status", number);

  return record;
}

static gboolean
replace_slot (BfyVaultFile *file,
              const BfyVaultAccess *access,
              const BfyVaultChange *change,
              guint *number,
              GError **error)
{
  const BfyVaultSlotRecord *record = find_slot (file, change->slot, error);
  BfyVaultSlot slot;

  if (record == NULL)
    return FALSE;
  slot = record->slot;
  *number = slot.number;

  return set_slot (file, access, change, &slot, error);
}

static gboolean
remove_slot (BfyVaultFile *file, guint number, BfyVaultSlotRecord *removed, GError **error)
{
  const BfyVaultSlotRecord *record = find_slot (file, number, error);

  if (record == NULL)
    return FALSE;
  if (file->header.n_slots == 1)
    {
      g_set_error_literal (
          error, BFY_ERROR, BFY_ERROR_DENIED,
          "This is the only key slot of the vault: without it nobody could open it "
          "again; add another one first: bindify vault add-key");
      return FALSE;
    }
  *removed = *record;
  bfy_vault_header_remove (&file->header, number);

  return TRUE;
}

gboolean
bfy_vault_change_apply (BfyVaultFile *file,
                        const BfyVaultAccess *access,
                        const BfyVaultChange *change,
                        guint *slot,
                        BfyVaultSlotRecord *removed,
                        GError **error)
{
  switch (change->op)
    {
    case BFY_VAULT_ADD_SLOT:
      return add_slot (file, access, change, slot, error);
    case BFY_VAULT_REPLACE_SLOT:
      return replace_slot (file, access, change, slot, error);
    case BFY_VAULT_REMOVE_SLOT:
      return remove_slot (file, change->slot, removed, error);
    case BFY_VAULT_REMOVE_KEY:
      return bfy_vault_rotation_remove_key (file, change->fingerprint, error);
    case BFY_VAULT_INIT:
    case BFY_VAULT_ROTATE:
    case BFY_VAULT_RESTORE:
      break;
    }
  g_return_val_if_reached (FALSE);
}

static BfyVaultFile *
open_backup (const BfyVaultAccess *access, const BfyVaultChange *change, GError **error)
{
  g_autoptr (BfyVaultImage) image = bfy_vault_image_new (change->bytes, "the backup", error);

  if (image == NULL)
    return NULL;
  if (change->slot_key == NULL)
    return bfy_vault_access_open (access, image, error);
  if (image->header.format == BFY_VAULT_FORMAT)
    return bfy_vault_access_open_slot (image, change->slot, change->slot_key, error);

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       "The backup has format 1, which opens with its key file only: put that in "
                       "the place of vault.key, then restore without a passphrase");
  return NULL;
}

/* The key file of this machine opens the vault from now on, whichever it was before. */
static gboolean
adopt_key_file (BfyVaultFile *file, const BfyVaultAccess *access, GError **error)
{
  const BfyVaultSlotRecord *record =
      bfy_vault_header_find_kind (&file->header, BFY_VAULT_SLOT_KEY_FILE);
  const BfyVaultChange change = { .op = BFY_VAULT_REPLACE_SLOT };
  BfyVaultSlot slot;

  if (record == NULL)
    return TRUE;
  slot = record->slot;

  return set_slot (file, access, &change, &slot, error);
}

static guint
count_lost (const BfyVaultFile *present, const BfyVaultFile *restored)
{
  g_auto (GStrv) ids = bfy_vault_file_ids (present);
  guint n_lost = 0;

  for (guint i = 0; ids[i] != NULL; i++)
    n_lost += bfy_vault_file_has (restored, ids[i]) ? 0 : 1;

  return n_lost;
}

/* @cause is why the present vault cannot be opened. Locked, it may hold anything. */
static gboolean
check_closed (BfySafeDirectory *directory, const GError *cause, gboolean force, GError **error)
{
  if (g_error_matches (cause, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED))
    return bfy_safe_directory_keep (directory, BFY_VAULT_NAME, BFY_VAULT_DAMAGED_NAME, error);
  if (!g_error_matches (cause, BFY_ERROR, BFY_ERROR_LOCKED))
    {
      g_propagate_error (error, g_error_copy (cause));
      return FALSE;
    }
  if (force)
    return TRUE;

  g_set_error_literal (
      error, BFY_ERROR, BFY_ERROR_EXISTS,
      "The present vault is locked and may hold credentials that the backup lacks; "
      "run “bindify unlock” first, or give --force");

  return FALSE;
}

static gboolean
check_present (BfySafeDirectory *directory,
               const BfyVaultAccess *access,
               BfyVaultFile *restored,
               gboolean force,
               GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (BfyVaultImage) image = bfy_vault_image_read (directory, &local_error);
  g_autoptr (BfyVaultFile) present = NULL;
  guint n_lost;

  if (image == NULL && g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return TRUE;
  if (image != NULL)
    {
      restored->header.generation = MAX (restored->header.generation, image->header.generation);
      present = bfy_vault_access_open (access, image, &local_error);
    }
  if (present == NULL)
    return check_closed (directory, local_error, force, error);

  n_lost = count_lost (present, restored);
  if (n_lost == 0 || force)
    return TRUE;

  g_set_error (
      error, BFY_ERROR, BFY_ERROR_EXISTS,
      "The present vault has %u credentials that the backup lacks, and they would be lost; "
      "give --force if that is meant",
      n_lost);

  return FALSE;
}

BfyVaultFile *
bfy_vault_change_restore (BfySafeDirectory *directory,
                          const BfyVaultAccess *access,
                          const BfyVaultChange *change,
                          GError **error)
{
  g_autoptr (BfyVaultFile) restored = open_backup (access, change, error);

  if (restored == NULL || !check_present (directory, access, restored, change->force, error) ||
      !adopt_key_file (restored, access, error))
    return NULL;

  return g_steal_pointer (&restored);
}
