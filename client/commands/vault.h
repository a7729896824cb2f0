/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"
#include "client/vault-body.h"
#include "protocol/secret.h"

/* `bindify vault …` in parts. The slow work, deriving a slot's key from a passphrase, is done here
 * and not in the agent, which never learns a passphrase or a recovery code. */

/* GET /v1/vault. */
JsonObject *bfy_vault_fetch (BfyCli *cli, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same, and FALSE with what to do about it unless the vault is there and open. */
JsonObject *bfy_vault_fetch_open (BfyCli *cli, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* "key file" for "key_file"; static. */
const char *bfy_vault_kind_text (const char *kind);
/* Of the last rotation, if there was one. @vault: as the agent tells it. */
void bfy_vault_print_rotation (JsonObject *vault);

/* vault-unlock.c: what a person can open a vault with. */

/* Offers @key of @slot to whatever is to be opened. FALSE with BFY_ERROR_DENIED: try the next
 * slot. */
typedef gboolean (*BfyVaultTry) (
    BfyCli *cli, const BfySlot *slot, const BfySecret *key, gpointer user_data, GError **error);

typedef struct
{
  GArray *slots; /* borrowed (element-type BfySlot) */
  BfyVaultTry attempt;
  gpointer user_data;
  const char *stdin_option; /* (nullable) for the messages; NULL: --stdin */
} BfyVaultDoor;

/* @text is a passphrase or a recovery code: tried on those of the slots it may belong to.
 * BFY_ERROR_DENIED when none opens, BFY_ERROR_LOCKED when there is no slot that a person could
 * open. */
gboolean bfy_vault_open_with (BfyCli *cli,
                              const BfyVaultDoor *door,
                              const BfySecret *text,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same with what a person types, three times at most, or what stdin (--stdin) holds. Also
 * BFY_ERROR_CANCELLED. */
gboolean bfy_vault_open_by_person (BfyCli *cli,
                                   const BfyVaultDoor *door,
                                   gboolean from_stdin,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The vault's part of `bindify unlock`: opens the agent's vault if there is one and it is locked.
 * @was_locked tells whether there was anything to do. */
gboolean bfy_vault_unlock_dialogue (BfyCli *cli,
                                    gboolean from_stdin,
                                    gboolean *was_locked,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* POST /v1/vault/unlock. A BfyVaultTry. */
gboolean bfy_vault_try_unlock (
    BfyCli *cli, const BfySlot *slot, const BfySecret *key, gpointer user_data, GError **error);

/* vault-slots.c */

/* Parameters calibrated to this machine with a fresh salt, and the key they give for @passphrase.
 * @key is new. */
gboolean bfy_vault_derive_new (const BfySecret *passphrase,
                               BfyKdf *kdf,
                               BfySecret **key,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean bfy_vault_command_init (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_vault_command_passwd (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_vault_command_add_key (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_vault_command_remove_key (BfyCli *cli, GStrv words, GError **error);

/* vault-files.c */
gboolean bfy_vault_command_backup (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_vault_command_restore (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_vault_command_export (BfyCli *cli, GStrv words, GError **error);
