/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* What systemd hands to a service as LoadCredential= or SetCredentialEncrypted=: files in a
 * directory of the service's own, which it names in CREDENTIALS_DIRECTORY. */
#define BFY_SYSTEMD_VAULT_KEY "bindify.vault-key"
#define BFY_SYSTEMD_CREDENTIAL_BYTES_MAX 4096

/* The credential @name in @directory, an absolute path. BFY_ERROR_NOT_FOUND when there is none;
 * BFY_ERROR_UNSAFE_PATH for a link, for what is no regular file or what other users may read;
 * BFY_ERROR_TOO_LARGE, BFY_ERROR_STORAGE. The messages name the credential. */
BfySecret *bfy_systemd_credential_read (const char *directory,
                                        const char *name,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
