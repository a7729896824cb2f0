/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/vault-file.h"

/* Changing the data key, one durable step after another (behaviour 10.8). Pure: each call changes
 * the vault in memory, the caller writes it. Private to the vault.
 *
 *   pending ─→ validated ─→ migrating … ─→ completed | partial
 *      └─→ failed | rejected
 *
 * The state lies in the vault itself, so whoever opens it goes on where the last one stopped. The
 * new key is in the list, and active, before any item needs it; old keys stay until somebody
 * removes them. */

/* Items encrypted anew in one step: some milliseconds. */
#define BFY_VAULT_ROTATION_STEP_ITEMS 64

gboolean bfy_rotation_is_running (BfyRotationState state);

/* Pending; or, without a further step, failed when @expected (nullable) is not the list. */
void bfy_vault_rotation_begin (BfyVaultFile *file, const char *const *expected, gint64 now_s);

/* The next step of one that is running. */
gboolean bfy_vault_rotation_step (BfyVaultFile *file,
                                  gint64 now_s,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether it ended well, or at all; BFY_ERROR_DENIED with what to do when it failed or was
 * rejected.
 * @expected as given to _begin. */
gboolean bfy_vault_rotation_check (const BfyVaultFile *file,
                                   const char *const *expected,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Items that do not have the active key. */
guint bfy_vault_rotation_n_left (const BfyVaultFile *file);

/* BFY_ERROR_NOT_FOUND, BFY_ERROR_DENIED (behaviour 10.11). */
gboolean bfy_vault_rotation_remove_key (BfyVaultFile *file,
                                        const char *fingerprint,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
