/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/keyring.h"

/* The embedded encrypted file, for machines without a Secret Service. One authenticated file
 * (vault-file.h) under a random key that lies in a 0600 file of its own. Nothing is read before the
 * first use; nothing is created before the first store. */
#define BFY_TYPE_VAULT (bfy_vault_get_type ())
G_DECLARE_FINAL_TYPE (BfyVault, bfy_vault, BFY, VAULT, GObject)

/* @directory is made (0700) on the first store; the files in it are vault.bfy, vault.key and,
 * empty, vault.lock. As long as there is no vault, looking up fails with
 * BFY_ERROR_KEYRING_UNAVAILABLE, removing with BFY_ERROR_CREDENTIAL_MISSING, and the list is empty.
 * BFY_ERROR_IN_USE when another process does not stop writing. */
BfyKeyring *bfy_vault_new (const char *directory);
