/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/safe-file.h"
#include "keyring/vault-header.h"

/* vault.bfy in its directory: read whole and checked as far as that goes without a key. Private to
 * the vault. Errors name the path and what to do; nothing is changed by reading. */

#define BFY_VAULT_NAME "vault.bfy"
/* Where restoring keeps a file that could not be read. */
#define BFY_VAULT_DAMAGED_NAME BFY_VAULT_NAME ".damaged"

typedef struct
{
  GBytes *bytes; /* (owned) */
  BfyVaultHeader header;
  struct stat status; /* of the file that was read */
  char *path;         /* (owned) for messages */
} BfyVaultImage;

/* @path says where they come from. BFY_ERROR_VAULT_DAMAGED, BFY_ERROR_UNSUPPORTED. */
BfyVaultImage *
bfy_vault_image_new (GBytes *bytes, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* G_IO_ERROR_NOT_FOUND when there is no vault.bfy, and the errors of safe-file.h. */
BfyVaultImage *bfy_vault_image_read (BfySafeDirectory *directory,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_vault_image_free (BfyVaultImage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyVaultImage, bfy_vault_image_free)

/* Gives the clauses of the pure parts a subject, the vault at @path, and a way out. */
void bfy_vault_disk_explain (const char *path, const GError *cause, GError **error);

/* TRUE while vault.bfy is the very file of this generation that had this status. FALSE without an
 * error only says: read it. */
gboolean bfy_vault_disk_is_unchanged (BfySafeDirectory *directory,
                                      guint64 generation,
                                      const struct stat *status);

/* Both halves of putting @bytes in the place of vault.bfy (bfy_safe_directory_prepare()); call with
 * the lock held. @status gets the new file's. */
gboolean bfy_vault_disk_prepare (BfySafeDirectory *directory,
                                 GBytes *bytes,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_vault_disk_commit (BfySafeDirectory *directory,
                                struct stat *status,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
