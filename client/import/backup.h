/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "protocol/kdf.h"

/* What files were before secrets were moved out of them. They hold those secrets, so they are kept
 * under a passphrase: scrypt, then AES-256-GCM.
 *
 *   "BFYI" 0x01 ‖ log2 N ‖ p ‖ 0x00 ‖ salt (16) ‖ nonce (12) ‖ ciphertext ‖ tag (16)
 *
 * The bytes before the nonce and the path of the file are authenticated: no copy can stand in for
 * that of another file. */
BfySecret *bfy_backup_make_key (const BfySecret *passphrase,
                                BfyKdf *kdf,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* @kdf, @key: of bfy_backup_make_key(); the same for all files of one change. (transfer full) */
GBytes *bfy_backup_seal (const BfyKdf *kdf,
                         const BfySecret *key,
                         const char *path,
                         GBytes *content,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How its key is derived. BFY_ERROR_CREDENTIAL_DAMAGED for what is no such copy. */
gboolean
bfy_backup_read_kdf (GBytes *sealed, BfyKdf *kdf, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* BFY_ERROR_CREDENTIAL_DAMAGED: another passphrase, another file, or changed. (transfer full) */
GBytes *bfy_backup_open (GBytes *sealed, const BfySecret *key, const char *path, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
