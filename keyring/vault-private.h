/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/vault-access.h"
#include "keyring/vault-change.h"
#include "keyring/vault-line.h"
#include "keyring/vault.h"

/* What vault.c (reading), vault-write.c (writing) and vault-admin.c (everything but credentials)
 * share. */
struct _BfyVault
{
  GObject parent_instance;

  BfyVaultAccess *access; /* (owned) */
  BfyVaultFile *file;     /* (owned) (nullable) what vault.bfy held when it had … */
  struct stat status;     /* … this status */
  gboolean is_known;      /* a vault with something in it was seen: one that is gone is a loss */

  BfyVaultLine *line; /* (owned) */
  gboolean is_rotating;
  gboolean has_tried_to_resume;
};

/* Borrowed. G_IO_ERROR_NOT_FOUND when there is no vault and we know of none. */
BfyVaultFile *bfy_vault_read_current (BfyVault *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes @file (nullable), which has @status on the disk (nullable with it). */
void bfy_vault_remember (BfyVault *self, BfyVaultFile *file, const struct stat *status);

/* Takes @absent, a “not found” from below; it stays one only as long as nothing was ever there. */
void bfy_vault_propagate_absence (BfyVault *self, GError *absent, GError **error);

/* For vault-line.h. */
gboolean bfy_vault_take_turn (GTask *task, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Puts a store in line, or with NULL a remove. Takes @task. */
void bfy_vault_begin_write (BfyVault *self, GTask *task, const char *id, BfySecret *secret);
/* Goes on with a rotation that somebody was killed in; the vault is open. */
void bfy_vault_resume_rotation (BfyVault *self);
