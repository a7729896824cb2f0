/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsecret/secret.h>

/* Why did a prompt end without an answer? GNOME's keyring calls a prompt that it could show to
 * nobody “dismissed”. So we look for the program that asks for it (gcr's, or the desktop's own),
 * and if it is not there, for the reason. Private to the Secret Service backend. */
typedef enum
{
  BFY_SECRET_PROMPTER_PRESENT,    /* the person was asked and said no; also for other services */
  BFY_SECRET_PROMPTER_MISSING,    /* it is not installed */
  BFY_SECRET_PROMPTER_NO_DISPLAY, /* it cannot start */
} BfySecretPrompter;

/* For both questions together less than the 2 s that craft 1.1 allows. */
#define BFY_SECRET_PROMPTER_MS 1500

/* Always finishes, within BFY_SECRET_PROMPTER_MS. */
void bfy_secret_prompter_find_async (SecretService *service,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
BfySecretPrompter bfy_secret_prompter_find_finish (GAsyncResult *result);
