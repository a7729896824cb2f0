/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/api/api.h"
#include "agent/api/vault-info.h"
#include "agent/api/vault-request.h"

/* What the handlers of the vault share: vault.c changes it, vault-files.c makes copies of it. */

/* Borrowed; there always is one, with or without a file. */
BfyVault *bfy_vault_of (BfyAgent *agent);
/* Answers with @error, which it takes. */
void bfy_vault_fail (BfyRequest *request, GError *error);
/* An event of @type; @detail is nullable. */
void bfy_vault_record (BfyAgent *agent, BfyRequest *request, const char *type, const char *detail);
/* Reads the body and wipes it. FALSE after having answered; @parsed is to be cleared either way. */
gboolean
bfy_vault_parse_or_fail (BfyRequest *request, BfyVaultRequestForm form, BfyVaultRequest *parsed);
