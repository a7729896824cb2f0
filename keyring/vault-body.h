/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "protocol/secret.h"

/* The decrypted inside of a vault, laid out as vault-file.c says. Private to the vault. */

/* (element-type utf8 BfySecret) sorted by id */
GTree *bfy_vault_items_new (void);

/* All in one secret of exactly the right size; BFY_ERROR_STORAGE when a cap is exceeded. */
BfySecret *bfy_vault_body_write (GTree *items, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* BFY_ERROR_VAULT_DAMAGED unless it is exactly what _write makes. (transfer full) */
GTree *bfy_vault_body_read (const BfySecret *body, GError **error) G_GNUC_WARN_UNUSED_RESULT;
