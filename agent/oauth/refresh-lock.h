/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "keyring/safe-file.h"

/* Keeps two agents from renewing one credential at once (behaviour 7.3): a lock file for each
 * binding, beside the vault, which two agents may share, and for a keyring without a folder in the
 * state directory. The kernel lets go of it when we die, so it lives as long as the renewal does,
 * however long that takes.
 *
 * BFY_ERROR_IN_USE when somebody else has it. NULL without an error for a keyring that nobody else
 * can see. */
BfySafeLock *bfy_refresh_lock_try (BfyAgent *agent,
                                   const BfyBinding *binding,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The file of a binding that has gone. */
void bfy_refresh_lock_remove (BfyAgent *agent, const BfyBinding *binding);
