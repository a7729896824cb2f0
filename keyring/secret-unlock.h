/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/secret-connection.h"

/* Unlocking collections: one prompt per collection, however many wait for it, withdrawn when nobody
 * waits any more, or, where the service does not survive that (keyring/secret-prompter.h), kept for
 * whoever comes next. After a prompt that was dismissed, nobody is asked again for a while: a
 * client that tries again and again must not cover the desktop with windows (craft 1.1). Private to
 * the Secret Service backend. */
#define BFY_TYPE_SECRET_UNLOCK (bfy_secret_unlock_get_type ())
G_DECLARE_FINAL_TYPE (BfySecretUnlock, bfy_secret_unlock, BFY, SECRET_UNLOCK, GObject)

/* After a “no” of the person. */
#define BFY_SECRET_UNLOCK_REST_S 30
/* When nobody could be asked: only so that a burst of requests does not start a program each. */
#define BFY_SECRET_UNLOCK_RETRY_S 2

BfySecretUnlock *bfy_secret_unlock_new (BfySecretConnection *connection);

/* @collection is an object path. BFY_ERROR_LOCKED when it stays locked, with the reason and what to
 * do; BFY_ERROR_KEYRING_UNAVAILABLE when the service goes away. Cancelling ends the wait at once.
 */
void bfy_secret_unlock_async (BfySecretUnlock *self,
                              const char *collection,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean bfy_secret_unlock_finish (BfySecretUnlock *self,
                                   GAsyncResult *result,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
