/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/keyring.h"
#include "protocol/kdf.h"

/* The embedded encrypted file, for machines without a Secret Service. One authenticated file
 * (vault-file.h) under a random vault key, which up to BFY_VAULT_SLOTS_MAX key slots hold wrapped:
 * for a key file beside the vault, a passphrase, a systemd credential, a recovery code. Each
 * credential in it is a blob of its own (protocol/blob.h) under the active data key and is opened
 * only when it is asked for. Nothing is read before the first use; nothing is created before the
 * first store or BFY_VAULT_INIT.
 *
 * A vault opens by itself with vault.key, the key file of the settings, or the systemd credential.
 * Otherwise it is locked (BFY_ERROR_LOCKED) until bfy_vault_unlock(). */
#define BFY_TYPE_VAULT (bfy_vault_get_type ())
G_DECLARE_FINAL_TYPE (BfyVault, bfy_vault, BFY, VAULT, GObject)

#define BFY_VAULT_SLOTS_MAX 8
#define BFY_VAULT_DATA_KEYS_MAX 8

/* @directory is made (0700) on the first store; the files in it are vault.bfy, vault.key and,
 * empty, vault.lock. As long as there is no vault, looking up fails with
 * BFY_ERROR_KEYRING_UNAVAILABLE, removing with BFY_ERROR_CREDENTIAL_MISSING, and the list is empty.
 * BFY_ERROR_IN_USE when another process does not stop writing. */
BfyKeyring *bfy_vault_new (const char *directory);

/* Before the first use. An absolute path of a file with 32 random bytes (0600, ours), instead of
 * vault.key in the directory; it is made when a vault is. */
void bfy_vault_set_key_file (BfyVault *self, const char *path);
/* Before the first use. What systemd handed to us under the name “bindify.vault-key”, at least 16
 * bytes. */
void bfy_vault_set_systemd_credential (BfyVault *self, BfySecret *credential);

typedef enum
{
  BFY_VAULT_SLOT_KEY_FILE = 1,
  BFY_VAULT_SLOT_PASSPHRASE,
  BFY_VAULT_SLOT_SYSTEMD_CREDENTIAL,
  BFY_VAULT_SLOT_RECOVERY,
} BfyVaultSlotKind;

/* "key_file", "passphrase", "systemd_credential", "recovery". */
const char *bfy_vault_slot_kind_to_wire (BfyVaultSlotKind kind);
gboolean bfy_vault_slot_kind_from_wire (const char *wire, BfyVaultSlotKind *kind);

/* Passphrases have a scrypt KDF, all others HKDF. */
typedef struct
{
  guint number; /* 1 … BFY_VAULT_SLOTS_MAX, stays with the slot */
  BfyVaultSlotKind kind;
  BfyKdf kdf;
  gint64 created_at_s;
} BfyVaultSlot;

/* Of the last change of data keys; kept until the next. */
typedef enum
{
  BFY_ROTATION_NONE,
  BFY_ROTATION_PENDING,   /* asked for */
  BFY_ROTATION_VALIDATED, /* the new key is in the list and active */
  BFY_ROTATION_MIGRATING, /* credentials are being encrypted anew */
  BFY_ROTATION_PARTIAL,   /* finished; some credentials could not be opened and were left alone */
  BFY_ROTATION_COMPLETED,
  BFY_ROTATION_FAILED,   /* the list lacks keys that are in use, or is not the expected one */
  BFY_ROTATION_REJECTED, /* two or more old keys are still listed though nothing needs them */
} BfyRotationState;

/* "none", "pending", … */
const char *bfy_rotation_state_to_wire (BfyRotationState state);

typedef struct
{
  char fingerprint[17];
  gboolean is_active;
  guint n_items;
} BfyVaultKeyInfo;

typedef struct
{
  BfyKeyringState state;
  guint format;       /* 1 or 2 as it lies on the disk, 0 without a vault */
  guint64 generation; /* one more with every write */
  GArray *slots;      /* (owned) (element-type BfyVaultSlot) */
  GArray *keys;       /* (owned) (element-type BfyVaultKeyInfo) empty while locked */
  GStrv orphans;      /* (owned) fingerprints that items use and the list lacks */
  guint n_items;      /* 0 while locked */
  BfyRotationState rotation;
  guint n_migrated;
  guint n_left;    /* to do while it runs, could not be opened when it is partial */
  char *path;      /* (owned) of vault.bfy */
  char *key_file;  /* (owned) where a key file slot's key lies or would lie */
  GError *problem; /* (owned) (nullable) why it cannot be used as it is */
} BfyVaultInfo;

/* Reads, never writes, never fails: what is wrong is in it. (transfer full) */
BfyVaultInfo *bfy_vault_get_info (BfyVault *self);
void bfy_vault_info_free (BfyVaultInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyVaultInfo, bfy_vault_info_free)

/* The slots of a file that is not ours yet, so that the key for BFY_VAULT_RESTORE can be derived.
 * A format 1 file has none: its key file opens it. (transfer container) (element-type BfyVaultSlot)
 * BFY_ERROR_VAULT_DAMAGED, BFY_ERROR_UNSUPPORTED. */
GArray *bfy_vault_read_slots (GBytes *file, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @slot_key comes from bfy_kdf_derive() with the slot's KDF. BFY_ERROR_DENIED when it does not fit,
 * BFY_ERROR_NOT_FOUND without such a slot or without a vault, and whatever is wrong with the file.
 * The vault stays open until bfy_vault_lock() or the end of the process. */
gboolean bfy_vault_unlock (BfyVault *self, guint slot, const BfySecret *slot_key, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Drops every key and item from memory. It only forgets: a vault that opens by itself does so with
 * the next use. */
void bfy_vault_lock (BfyVault *self);

typedef enum
{
  BFY_VAULT_INIT,
  BFY_VAULT_ADD_SLOT,
  BFY_VAULT_REPLACE_SLOT,
  BFY_VAULT_REMOVE_SLOT,
  BFY_VAULT_ROTATE,
  BFY_VAULT_REMOVE_KEY,
  BFY_VAULT_RESTORE,
} BfyVaultOp;

/* One change. Fields that an operation does not use are 0 or NULL.
 *
 * INIT        kind, kdf, slot_key: a new vault with this one slot. BFY_ERROR_EXISTS when there is
 *             a vault.
 * ADD_SLOT    kind, kdf, slot_key. BFY_ERROR_STORAGE when all are taken, BFY_ERROR_EXISTS for a
 *             second key file or systemd credential.
 * REPLACE_SLOT  slot, kdf, slot_key: a new secret in the place of the old one; the kind stays.
 * REMOVE_SLOT   slot. BFY_ERROR_DENIED for the last one. vault.key goes with its slot, once the new
 *             file is on the disk; a key file elsewhere is left to its owner.
 * ROTATE      expected (nullable): the fingerprints that the caller believes to be in the list, in
 *             any order. Goes on with a rotation that was interrupted. BFY_ERROR_DENIED when it is
 *             failed or rejected; TRUE for partial: look at bfy_vault_get_info().
 * REMOVE_KEY  fingerprint. BFY_ERROR_NOT_FOUND, BFY_ERROR_DENIED for the last, the active or one
 *             that items need (it says how many).
 * RESTORE     bytes, slot, slot_key (NULL: the key of the open vault, our key file or systemd
 *             credential opens it), force.
 *             The file is opened first. BFY_ERROR_EXISTS when credentials of the present vault
 *             would be lost or the present one is locked, unless force; a damaged one is kept as
 *             vault.bfy.damaged. A key file slot is wrapped anew for the key file of this machine.
 *
 * slot_key is what bfy_kdf_derive() gave. For the kinds key file and systemd credential it may be
 * NULL: then the vault uses the file (and makes it) or credential that it knows, and kdf is
 * ignored. BFY_ERROR_LOCKED for all but INIT and RESTORE while the vault is locked. */
typedef struct
{
  BfyVaultOp op;
  guint slot;
  BfyVaultSlotKind kind;
  BfyKdf kdf;
  BfySecret *slot_key;
  const char *fingerprint;
  const char *const *expected;
  GBytes *bytes;
  gboolean force;
} BfyVaultChange;

/* In line with stores and removes, under the same lock. @change is copied. */
void bfy_vault_change_async (BfyVault *self,
                             const BfyVaultChange *change,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
/* @slot (nullable) gets the number of the slot that was made or replaced, 0 for other changes. */
gboolean bfy_vault_change_finish (BfyVault *self, GAsyncResult *result, guint *slot, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The file as it is, sound as far as can be told without its key; locked is no obstacle. */
GBytes *bfy_vault_backup (BfyVault *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A vault with the same items, all keys new, and one passphrase slot. BFY_ERROR_CREDENTIAL_DAMAGED
 * when an item cannot be opened: an export is whole or not at all. */
GBytes *bfy_vault_export (BfyVault *self,
                          const BfyKdf *kdf,
                          const BfySecret *slot_key,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads the file afresh and opens every item. BFY_ERROR_CREDENTIAL_DAMAGED tells how many items
 * cannot be opened and names some. */
gboolean bfy_vault_verify (BfyVault *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
