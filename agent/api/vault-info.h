/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "keyring/vault.h"

/* The vault as the control API describes it (Vault in protocol/openapi.yaml). (transfer full) */
JsonObject *bfy_vault_describe (BfyVault *vault);
/* Key slots alone; @slots (element-type BfyVaultSlot). (transfer full) */
JsonArray *bfy_vault_describe_slots (GArray *slots);
