/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* The writes of one vault, in line for its lock. First come, first served: two writes to one id
 * must not change places. While the lock is somebody else's the first in line asks again every few
 * milliseconds, because waiting in flock() would stop the whole agent. Private to the vault. */
typedef struct _BfyVaultLine BfyVaultLine;

#define BFY_VAULT_LINE_WAIT_MS 2000

/* Does what @task stands for. BFY_ERROR_IN_USE means: not yet. */
typedef gboolean (*BfyVaultTurn) (GTask *task, GError **error);

BfyVaultLine *bfy_vault_line_new (BfyVaultTurn turn);
void bfy_vault_line_free (BfyVaultLine *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyVaultLine, bfy_vault_line_free)

/* (transfer full) Returns the boolean or the error of its turn, or BFY_ERROR_IN_USE when the lock
 * did not become free. The task's source object must own the line: it lives as long as tasks wait.
 */
void bfy_vault_line_add (BfyVaultLine *self, GTask *task);
