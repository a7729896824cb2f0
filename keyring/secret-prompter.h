/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsecret/secret.h>

/* What is particular about GNOME's keyring when it asks the person. Its windows are those of
 * another program, the prompter (gcr's, or the desktop's own), and it differs from others in two
 * ways:
 *
 * - A prompt that it can show to nobody ends as if the person had refused. So we look for the
 *   prompter, and if it is not there, for the reason.
 * - It must not be told to dismiss a prompt that is open: versions up to 42 at least then fail an
 *   assertion (perform_next_unlock in gkd-secret-unlock.c) and abort, which locks every keyring of
 *   the session. So its prompts are left open, and their answers count for whoever comes next.
 *
 * Private to the Secret Service backend. */
typedef enum
{
  BFY_SECRET_PROMPTER_PRESENT,    /* the person was asked */
  BFY_SECRET_PROMPTER_MISSING,    /* it is not installed */
  BFY_SECRET_PROMPTER_NO_DISPLAY, /* it is installed and did not start */
} BfySecretPrompter;

/* All answers together come in less than the 2 s that craft 1.1 allows. */
#define BFY_SECRET_PROMPTER_MS 1500

/* Whether @service is GNOME's. Never fails. */
void bfy_secret_prompter_ask_gnome_async (SecretService *service,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
gboolean bfy_secret_prompter_ask_gnome_finish (GAsyncResult *result);

/* Where is the prompter of GNOME's keyring? Never fails. */
void bfy_secret_prompter_find_async (SecretService *service,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
BfySecretPrompter bfy_secret_prompter_find_finish (GAsyncResult *result);

/* The same when it has not been asked for anything yet: has the bus start it, which shows nothing.
 * Never fails; one that takes its time counts as there. */
void bfy_secret_prompter_start_async (SecretService *service,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
BfySecretPrompter bfy_secret_prompter_start_finish (GAsyncResult *result);

/* The middle of a sentence about a locked keyring: what is missing, and what to do. NULL for
 * BFY_SECRET_PROMPTER_PRESENT. */
const char *bfy_secret_prompter_explain (BfySecretPrompter prompter);
