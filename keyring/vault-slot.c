/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/vault-slot.h"

#include <string.h>

#include "keyring/vault-header.h"
#include "protocol/error.h"

/* The part of a slot that its tag binds. */
#define BOUND_BYTES 32

/* As on disk. */
typedef struct
{
  guint8 number;
  guint8 kind;
  guint8 algorithm;
  guint8 log2_n;
  guint8 r;
  guint8 p;
  guint8 reserved[2];
  guint64 created_at_s;
  guint8 salt[BFY_KDF_SALT_BYTES];
  guint8 nonce[BFY_CIPHER_NONCE_BYTES];
  guint8 wrapped[BFY_VAULT_WRAPPED_BYTES];
} Layout;

typedef struct
{
  guint16 version;
  guint8 vault_id[BFY_VAULT_ID_BYTES];
  guint8 bound[BOUND_BYTES];
} Associated;

G_STATIC_ASSERT (G_STRUCT_OFFSET (Layout, nonce) == BOUND_BYTES);
G_STATIC_ASSERT (G_STRUCT_OFFSET (Layout, wrapped) + BFY_VAULT_WRAPPED_BYTES ==
                 BFY_VAULT_SLOT_BYTES);
G_STATIC_ASSERT (sizeof (Associated) == 2 + BFY_VAULT_ID_BYTES + BOUND_BYTES);

static const struct
{
  const char *wire;
  const char *noun;
  BfyKdfAlgorithm algorithm;
} kinds[] = {
  [BFY_VAULT_SLOT_KEY_FILE] = { "key_file", "key file", BFY_KDF_HKDF_SHA256 },
  [BFY_VAULT_SLOT_PASSPHRASE] = { "passphrase", "passphrase", BFY_KDF_SCRYPT },
  [BFY_VAULT_SLOT_SYSTEMD_CREDENTIAL] = { "systemd_credential", "systemd credential",
                                          BFY_KDF_HKDF_SHA256 },
  [BFY_VAULT_SLOT_RECOVERY] = { "recovery", "recovery code", BFY_KDF_HKDF_SHA256 },
};

static gboolean
is_kind (guint number)
{
  return number < G_N_ELEMENTS (kinds) && kinds[number].wire != NULL;
}

const char *
bfy_vault_slot_kind_to_wire (BfyVaultSlotKind kind)
{
  return kinds[kind].wire;
}

gboolean
bfy_vault_slot_kind_from_wire (const char *wire, BfyVaultSlotKind *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (kinds[i].wire != NULL && g_strcmp0 (kinds[i].wire, wire) == 0)
        {
          *kind = i;
          return TRUE;
        }
    }

  return FALSE;
}

gboolean
bfy_vault_slot_check (const BfyVaultSlot *slot, GError **error)
{
  if (slot->number < 1 || slot->number > BFY_VAULT_SLOTS_MAX || !is_kind (slot->kind))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           "its kind is not known to this bindify");
      return FALSE;
    }
  if (!bfy_kdf_check (&slot->kdf, error))
    return FALSE;
  if (slot->kdf.algorithm == kinds[slot->kind].algorithm)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
               "its key derivation is %s, which does not go with its kind, %s",
               bfy_kdf_algorithm_to_wire (slot->kdf.algorithm), kinds[slot->kind].noun);

  return FALSE;
}

static void
write_layout (const BfyVaultSlotRecord *record, Layout *layout)
{
  const BfyVaultSlot *slot = &record->slot;

  *layout = (Layout){
    .number = (guint8) slot->number,
    .kind = (guint8) slot->kind,
    .algorithm = (guint8) slot->kdf.algorithm,
    .log2_n = (guint8) slot->kdf.log2_n,
    .r = (guint8) slot->kdf.r,
    .p = (guint8) slot->kdf.p,
    .created_at_s = GUINT64_TO_BE ((guint64) slot->created_at_s),
  };
  memcpy (layout->salt, slot->kdf.salt, sizeof layout->salt);
  memcpy (layout->nonce, record->nonce, sizeof layout->nonce);
  memcpy (layout->wrapped, record->wrapped, sizeof layout->wrapped);
}

void
bfy_vault_slot_write (const BfyVaultSlotRecord *record, guint8 bytes[BFY_VAULT_SLOT_BYTES])
{
  Layout layout;

  write_layout (record, &layout);
  memcpy (bytes, &layout, BFY_VAULT_SLOT_BYTES);
}

gboolean
bfy_vault_slot_read (const guint8 bytes[BFY_VAULT_SLOT_BYTES],
                     BfyVaultSlotRecord *record,
                     GError **error)
{
  g_autoptr (GError) local_error = NULL;
  Layout layout = { 0 };

  memcpy (&layout, bytes, BFY_VAULT_SLOT_BYTES);
  *record = (BfyVaultSlotRecord){
    .slot = {
      .number = layout.number,
      .kind = layout.kind,
      .kdf = { .algorithm = layout.algorithm, .log2_n = layout.log2_n, .r = layout.r,
               .p = layout.p },
      .created_at_s = (gint64) GUINT64_FROM_BE (layout.created_at_s),
    },
  };
  memcpy (record->slot.kdf.salt, layout.salt, sizeof layout.salt);
  memcpy (record->nonce, layout.nonce, sizeof layout.nonce);
  memcpy (record->wrapped, layout.wrapped, sizeof layout.wrapped);

  if (layout.reserved[0] != 0 || layout.reserved[1] != 0 || record->slot.created_at_s < 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED, "its key slot %u makes no sense",
                   layout.number);
      return FALSE;
    }
  if (bfy_vault_slot_check (&record->slot, &local_error))
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED, "its key slot %u cannot be used: %s",
               layout.number, local_error->message);

  return FALSE;
}

static void
make_associated (const BfyVaultSlotRecord *record,
                 const guint8 vault_id[BFY_VAULT_ID_BYTES],
                 Associated *associated)
{
  Layout layout;

  write_layout (record, &layout);
  associated->version = GUINT16_TO_BE (BFY_VAULT_FORMAT);
  memcpy (associated->vault_id, vault_id, BFY_VAULT_ID_BYTES);
  memcpy (associated->bound, &layout, BOUND_BYTES);
}

gboolean
bfy_vault_slot_wrap (BfyVaultSlotRecord *record,
                     const guint8 vault_id[BFY_VAULT_ID_BYTES],
                     const BfySecret *slot_key,
                     const BfySecret *vault_key,
                     GError **error)
{
  Associated associated;
  BfyCipherAssociated public = { (const guint8 *) &associated, sizeof associated, record->nonce };

  g_return_val_if_fail (bfy_secret_length (vault_key) == BFY_VAULT_KEY_BYTES, FALSE);

  make_associated (record, vault_id, &associated);

  return bfy_cipher_random (record->nonce, sizeof record->nonce, error) &&
         bfy_cipher_seal (slot_key, &public, vault_key, record->wrapped, error);
}

BfySecret *
bfy_vault_slot_unwrap (const BfyVaultSlotRecord *record,
                       const guint8 vault_id[BFY_VAULT_ID_BYTES],
                       const BfySecret *slot_key,
                       GError **error)
{
  Associated associated;
  BfyCipherAssociated public = { (const guint8 *) &associated, sizeof associated, record->nonce };
  g_autoptr (GError) local_error = NULL;
  BfySecret *key;

  make_associated (record, vault_id, &associated);
  key = bfy_cipher_open (slot_key, &public, record->wrapped, sizeof record->wrapped, &local_error);
  if (key != NULL)
    return key;

  if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED))
    g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
                 "This is not the %s of the vault's key slot %u; try again",
                 kinds[record->slot.kind].noun, record->slot.number);
  else
    g_propagate_error (error, g_steal_pointer (&local_error));

  return NULL;
}
