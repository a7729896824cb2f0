/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/keyring.h"

/* Ephemeral: gone with the process. For trying things out and for tests of everything else. */
#define BFY_TYPE_MEMORY (bfy_memory_get_type ())
G_DECLARE_FINAL_TYPE (BfyMemory, bfy_memory, BFY, MEMORY, GObject)

BfyKeyring *bfy_memory_new (void);
