/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/secret-call.h"

/* The five operations, from a connected service to the result on the call's task. Each is a
 * BfySecretCallRun. Private to the Secret Service backend. */

/* BfySecret */
void bfy_secret_run_lookup (BfySecretCall *call);
/* boolean */
void bfy_secret_run_store (BfySecretCall *call);
/* boolean */
void bfy_secret_run_remove (BfySecretCall *call);
/* GStrv, sorted */
void bfy_secret_run_list (BfySecretCall *call);
/* int, a BfyKeyringState */
void bfy_secret_run_check (BfySecretCall *call);
