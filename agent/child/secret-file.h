/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "protocol/secret.h"

/* A secret in a file of mode 0600 for a server that can read it from nowhere else: alone in a
 * folder of its own, gone as soon as somebody has read and closed it, at the latest after
 * BFY_SECRET_FILE_LIFE_S. */
typedef struct _BfySecretFile BfySecretFile;

#define BFY_SECRET_FILE_LIFE_S 30

/* @base: a folder of ours, of mode 0700. BFY_ERROR_STORAGE. */
BfySecretFile *bfy_secret_file_new (const char *base,
                                    const BfySecret *secret,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_secret_file_free (BfySecretFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySecretFile, bfy_secret_file_free)

const char *bfy_secret_file_get_dir (BfySecretFile *self);
