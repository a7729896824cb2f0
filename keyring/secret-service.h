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

BfyKeyring *bfy_secret_service_new (void);
