/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsecret/secret.h>

/* The default collection, asked without loading it: a locked collection answers searches as if it
 * were empty, so this question comes before every “not found” (craft 1.1). Private to the Secret
 * Service backend. */
typedef enum
{
  BFY_SECRET_COLLECTION_FAILED = -1, /* the error is set */
  BFY_SECRET_COLLECTION_UNLOCKED,
  BFY_SECRET_COLLECTION_LOCKED,
  BFY_SECRET_COLLECTION_ABSENT,
} BfySecretCollectionState;

void bfy_secret_collection_ask_async (SecretService *service,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
/* @path (nullable) gets its object path, NULL when it is absent. (transfer full) */
BfySecretCollectionState bfy_secret_collection_ask_finish (
    GAsyncResult *result, char **path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
