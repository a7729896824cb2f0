/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/safe-file.h"
#include "keyring/vault-file.h"

/* The vault's two files in their directory: vault.bfy and vault.key. Private to the vault.
 * Errors name the path and what to do; nothing is changed by reading. */

/* G_IO_ERROR_NOT_FOUND when there is no vault.bfy. @status is that of the file that was read. */
BfyVaultFile *bfy_vault_disk_read (BfySafeDirectory *directory,
                                   struct stat *status,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* TRUE while vault.bfy is the very file that @file and @status were read from. FALSE without an
 * error only says: read it. */
gboolean bfy_vault_disk_is_unchanged (BfySafeDirectory *directory,
                                      const BfyVaultFile *file,
                                      const struct stat *status);

/* Writes @file as the generation after its own. Makes the key when @file was never on a disk and
 * there is none; call with the lock held, after reading. */
gboolean bfy_vault_disk_write (BfySafeDirectory *directory,
                               const BfyVaultFile *file,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
