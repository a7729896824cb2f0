/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/vault-access.h"

/* vault.key, or the key file of the settings: BFY_VAULT_KEY_BYTES random bytes that open a slot.
 * Private to the vault. */

/* @may_make: with the lock held. G_IO_ERROR_NOT_FOUND, BFY_ERROR_VAULT_DAMAGED when it does not
 * have its bytes, and the errors of safe-file.h. */
BfySecret *bfy_vault_key_file_read (const BfyVaultAccess *access,
                                    gboolean may_make,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether @error, of _read or of a slot, says that the key is missing or not the right one; else
 * something is in the way that should be told. */
gboolean bfy_vault_key_file_is_wrong (const GError *error);
/* What such an error means for a vault that has no other way in: BFY_ERROR_VAULT_DAMAGED. */
void bfy_vault_key_file_explain (const char *vault_path, const GError *cause, GError **error);

gboolean bfy_vault_key_file_remove (const BfyVaultAccess *access,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Where it is, or would be made. Free with g_free(). */
char *bfy_vault_key_file_dup_path (const BfyVaultAccess *access);
