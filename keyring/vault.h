/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/keyring.h"

/* The embedded encrypted file, for machines without a Secret Service. One authenticated file
 * (vault-file.h) under a random key that lies in a 0600 file of its own. Nothing is read before the
 * first use; nothing is created before the first store. */
#define BFY_TYPE_VAULT (bfy_vault_get_type ())
G_DECLARE_FINAL_TYPE (BfyVault, bfy_vault, BFY, VAULT, GObject)

/* @directory is made (0700) on the first store; the files in it are vault.bfy and vault.key. */
BfyKeyring *bfy_vault_new (const char *directory);
