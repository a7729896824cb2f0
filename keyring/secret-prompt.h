/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsecret/secret.h>

/* One question of the Secret Service to the person: unlock this collection? A prompt has three
 * endings, and a fourth that is ours; all of them finish the call (craft 1.1). Private to the
 * Secret Service backend. */
typedef enum
{
  BFY_SECRET_PROMPT_FAILED = -1, /* the error is set; G_IO_ERROR_CANCELLED when it was withdrawn */
  BFY_SECRET_PROMPT_ANSWERED,    /* whether the collection is open now is for the caller to ask */
  BFY_SECRET_PROMPT_DISMISSED,   /* by the person, or because nobody can be asked */
  BFY_SECRET_PROMPT_VANISHED,    /* together with the service */
} BfySecretPromptEnd;

/* How long the service may take to make a prompt; not how long the prompt may stay. */
#define BFY_SECRET_PROMPT_START_MS 20000

/* Waits as long as the person does. Cancelling withdraws the prompt (Prompt.Dismiss), and must not
 * be done to GNOME's keyring: see keyring/secret-prompter.h. */
void bfy_secret_prompt_async (SecretService *service,
                              const char *collection,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
BfySecretPromptEnd bfy_secret_prompt_finish (GAsyncResult *result,
                                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
