/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/keyring.h"

/* The desktop's keyring through libsecret, made safe against its known faults (craft 1.1): locked
 * is never "absent", a restarted daemon is reconnected to, its file backend is never used. */
#define BFY_TYPE_SECRET_SERVICE (bfy_secret_service_get_type ())
G_DECLARE_FINAL_TYPE (BfySecretService, bfy_secret_service, BFY, SECRET_SERVICE, GObject)

#define BFY_SECRET_SERVICE_TIMEOUT_MS                                                              \
  20000 /* for any call; a provider may leave a prompt open for ever */

/* @collection (nullable): where new credentials go, an object path, an alias or a label; NULL is
 * the desktop's default. One that is not there fails with BFY_ERROR_KEYRING_UNAVAILABLE and the
 * list of those that are. A credential that is in some other collection is found, replaced and
 * removed there. */
BfyKeyring *bfy_secret_service_new (const char *collection);

/* Locks the collection and has its password asked for: TRUE when somebody who knows it has opened
 * it again. BFY_ERROR_LOCKED when nobody did or can be asked, BFY_ERROR_KEYRING_UNAVAILABLE without
 * a service or a collection. */
void bfy_secret_service_prove_async (BfySecretService *self,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean bfy_secret_service_prove_finish (BfySecretService *self,
                                          GAsyncResult *result,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether somebody could be asked for the password of a locked keyring, without asking: TRUE, or
 * FALSE and BFY_ERROR_LOCKED with what is missing and what to do. Only GNOME's keyring leaves the
 * asking to another program; others are taken at their word. That program may be started, and shows
 * nothing. */
void bfy_secret_service_find_prompter_async (BfySecretService *self,
                                             GAsyncReadyCallback callback,
                                             gpointer user_data);
gboolean bfy_secret_service_find_prompter_finish (BfySecretService *self,
                                                  GAsyncResult *result,
                                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
