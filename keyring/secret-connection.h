/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsecret/secret.h>

/* The one SecretService of a backend, with its session. A SecretService that outlives its daemon is
 * of no use for ever after (craft 1.1): so this one is thrown away when the bus name changes hands
 * or when a call says that it is stale, and made anew for the next who asks. Private to the Secret
 * Service backend. */
#define BFY_TYPE_SECRET_CONNECTION (bfy_secret_connection_get_type ())
G_DECLARE_FINAL_TYPE (BfySecretConnection, bfy_secret_connection, BFY, SECRET_CONNECTION, GObject)

/* @collection (nullable): where new items go, as bfy_secret_collection_ask_async() wants it. */
BfySecretConnection *bfy_secret_connection_new (const char *collection);
const char *bfy_secret_connection_get_collection (BfySecretConnection *self);

/* Cannot be cancelled: all who ask meanwhile wait for the same one. Those who cannot wait stop
 * listening. */
void bfy_secret_connection_open_async (BfySecretConnection *self,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
/* (transfer full) */
SecretService *bfy_secret_connection_open_finish (BfySecretConnection *self,
                                                  GAsyncResult *result,
                                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @service is stale: whoever asks from now on gets another. */
void bfy_secret_connection_drop (BfySecretConnection *self, SecretService *service);
