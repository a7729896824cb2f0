/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* The vaults of bindify's first days, which are only read: they become format 2 with the next
 * write. Private to the vault. */

#define BFY_VAULT_FORMAT1_HEADER_BYTES 48

/* (transfer full) (element-type utf8 BfySecret) the items. @key is what is in vault.key, of
 * BFY_VAULT_KEY_BYTES. BFY_ERROR_VAULT_DAMAGED for truncation, any flipped bit, and a key that does
 * not fit (told apart by the message); the messages are clauses. The version was looked at. */
GTree *bfy_vault_format1_open (const guint8 *bytes,
                               gsize length,
                               const BfySecret *key,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
