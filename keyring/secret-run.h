/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/secret-call.h"
#include "keyring/secret-collection.h"

/* The operations, from a connected service to the result on the call's task. Each is a
 * BfySecretCallRun. Private to the Secret Service backend. */

/* secret-lookup.c: BfySecret */
void bfy_secret_run_lookup (BfySecretCall *call);
/* secret-write.c: boolean */
void bfy_secret_run_store (BfySecretCall *call);
/* secret-write.c: boolean */
void bfy_secret_run_remove (BfySecretCall *call);
/* GStrv, sorted */
void bfy_secret_run_list (BfySecretCall *call);
/* int, a BfyKeyringState. BFY_KEYRING_DAMAGED means that the collection of the settings is unknown;
 * the task's data is then the GError that says so. */
void bfy_secret_run_check (BfySecretCall *call);
/* secret-locate.c: char *, the path of the collection that has to be unlocked for the call's id
 * (NULL: for a new one), or NULL when none has to be. Does not unlock. */
void bfy_secret_run_locate (BfySecretCall *call);
/* secret-lock.c: char *, the path of the collection for new credentials, which is locked now. */
void bfy_secret_run_lock (BfySecretCall *call);
/* secret-askable.c: boolean, TRUE when somebody can be asked. */
void bfy_secret_run_find_prompter (BfySecretCall *call);

/* What they have in common. The callbacks own a reference to the call. */
void
bfy_secret_run_search (BfySecretCall *call, SecretSearchFlags flags, GAsyncReadyCallback callback);
void bfy_secret_run_ask_collection (BfySecretCall *call, GAsyncReadyCallback callback);
void bfy_secret_run_fail_locked (BfySecretCall *call);
/* Nothing was found: missing, unless the keyring is locked. */
void bfy_secret_run_end_with_nothing (BfySecretCall *call);
