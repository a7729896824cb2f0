/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsecret/secret.h>

/* The collection that new items go to, asked without loading it: a locked collection answers
 * searches as if it were empty, so this question comes before every “not found” (craft 1.1).
 * Private to the Secret Service backend. */
typedef enum
{
  BFY_SECRET_COLLECTION_FAILED = -1,  /* the error is set */
  BFY_SECRET_COLLECTION_UNKNOWN = -2, /* the error is set: it lists the collections there are */
  BFY_SECRET_COLLECTION_UNLOCKED = 0,
  BFY_SECRET_COLLECTION_LOCKED,
  BFY_SECRET_COLLECTION_ABSENT, /* there is no default collection */
} BfySecretCollectionState;

/* Labels come from a provider: what is shown of them, and how many collections are looked at. */
#define BFY_SECRET_LABEL_SHOWN_MAX 64
#define BFY_SECRET_COLLECTIONS_MAX 64

/* @wanted: an object path, an alias or a label, tried in this order; NULL is the alias “default”.
 */
void bfy_secret_collection_ask_async (SecretService *service,
                                      const char *wanted,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
/* @path (nullable) gets its object path, NULL unless it is unlocked or locked. (transfer full) */
BfySecretCollectionState bfy_secret_collection_ask_finish (
    GAsyncResult *result, char **path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
